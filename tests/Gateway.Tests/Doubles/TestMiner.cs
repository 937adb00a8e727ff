using System.Buffers;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>A miner at the other end of a connection. It builds headers from the texts it is sent, as real miners do, without any code of the gateway.</summary>
internal sealed class TestMiner(DuplexPipe pipe) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public uint Extranonce1 { get; set; }

    /// <summary>Difficulty in force for the next job.</summary>
    public double Difficulty { get; private set; } = 1;

    public Task SendAsync(string line) => SendRawAsync(Encoding.UTF8.GetBytes(line + "\n"));

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes) => await pipe.Output.WriteAsync(bytes);

    /// <summary>The next line; null when the gateway closed the connection.</summary>
    public async Task<JsonElement?> ReadAsync()
    {
        while (true)
        {
            var read = await pipe.Input.ReadAsync().AsTask().WaitAsync(Patience);
            var buffer = read.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end).ToArray();
                pipe.Input.AdvanceTo(buffer.GetPosition(1, end));
                using var json = JsonDocument.Parse(line);
                return json.RootElement.Clone();
            }
            pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted) return null;
        }
    }

    /// <summary>The next line, which must be this notification.</summary>
    public async Task<JsonElement> ExpectAsync(string method)
    {
        var message = Assert.NotNull(await ReadAsync());
        Assert.Equal(method, message.TryGetProperty("method", out var name) ? name.GetString() : message.GetRawText());
        var parameters = message.GetProperty("params");
        if (method == "mining.set_difficulty") Difficulty = parameters[0].GetDouble();
        return parameters;
    }

    /// <summary>The next line, which must be the answer to this id.</summary>
    public async Task<JsonElement> AnswerAsync(int id)
    {
        var message = Assert.NotNull(await ReadAsync());
        Assert.False(message.TryGetProperty("method", out _), message.GetRawText());
        Assert.Equal(id, message.GetProperty("id").GetInt32());
        return message;
    }

    /// <summary>The next line, which must end the connection.</summary>
    public async Task ExpectCloseAsync() => Assert.Null(await ReadAsync());

    public async Task SubscribeAsync(string agent = "test/1")
    {
        await SendAsync($$"""{"id":1,"method":"mining.subscribe","params":["{{agent}}"]}""");
        var answer = await AnswerAsync(1);
        Extranonce1 = Convert.ToUInt32(answer.GetProperty("result")[1].GetString(), 16);
        Assert.Equal(4, answer.GetProperty("result")[2].GetInt32());
    }

    /// <summary>Subscribes and authorises; returns the first job.</summary>
    public async Task<JsonElement> LoginAsync(string user = TestWork.Address, string password = "x", string agent = "test/1")
    {
        await SubscribeAsync(agent);
        await SendAsync($$"""{"id":2,"method":"mining.authorize","params":["{{user}}","{{password}}"]}""");
        await ExpectAsync("mining.set_difficulty");
        var job = await ExpectAsync("mining.notify");
        Assert.True((await AnswerAsync(2)).GetProperty("result").GetBoolean());
        return job;
    }

    /// <summary>Searches a nonce of this job whose hash is as wanted.</summary>
    public Solution Solve(JsonElement job, Func<UInt256, bool> wanted, uint extranonce2 = 0, uint? time = null, uint? version = null)
    {
        var headerTime = time ?? Convert.ToUInt32(job[7].GetString(), 16);
        var first = HeaderOf(job, version ?? Convert.ToUInt32(job[5].GetString(), 16), extranonce2, headerTime, 0);
        for (uint nonce = 0; ; nonce++)
        {
            var header = first with { Nonce = nonce };
            var hash = TestWork.HashOf(header);
            if (wanted(hash)) return new Solution(job[0].GetString()!, extranonce2, headerTime, nonce, header, hash);
        }
    }

    public Task SubmitAsync(Solution solution, int id = 4, string user = TestWork.Address, string? versionBits = null)
    {
        var bits = versionBits is null ? "" : $",\"{versionBits}\"";
        return SendAsync(
            $$"""{"method":"mining.submit","params":["{{user}}","{{solution.Job}}","{{solution.Extranonce2:x8}}","{{solution.Time:x8}}","{{solution.Nonce:x8}}"{{bits}}],"id":{{id}}}""");
    }

    /// <summary>Submits and expects this error code; null for acceptance.</summary>
    public async Task SubmitAsync(Solution solution, StratumErrorCode? expected)
    {
        await SubmitAsync(solution);
        var answer = await AnswerAsync(4);
        Assert.Equal(expected is null, answer.GetProperty("result").GetBoolean());
        if (expected is { } code) Assert.Equal((int)code, answer.GetProperty("error")[0].GetInt32());
        else Assert.Equal(JsonValueKind.Null, answer.GetProperty("error").ValueKind);
    }

    public async ValueTask DisposeAsync()
    {
        await pipe.Output.CompleteAsync();
        await pipe.Input.CompleteAsync();
    }

    private BlockHeader HeaderOf(JsonElement job, uint version, uint extranonce2, uint time, uint nonce)
    {
        var coinbase = Convert.FromHexString($"{job[2].GetString()}{Extranonce1:x8}{extranonce2:x8}{job[3].GetString()}");
        var root = Merkle.Apply(Sha256.Double(coinbase), job[4].EnumerateArray().Select(hash => Hash256.FromBytes(Convert.FromHexString(hash.GetString()!))).ToArray());
        byte[] previous = [.. Convert.FromHexString(job[1].GetString()!).Chunk(4).SelectMany(word => word.Reverse())];
        return new BlockHeader(
            version, Hash256.FromBytes(previous), root, time,
            new CompactTarget(Convert.ToUInt32(job[6].GetString(), 16)), nonce);
    }
}

/// <summary>A nonce found by a test.</summary>
internal sealed record Solution(string Job, uint Extranonce2, uint Time, uint Nonce, BlockHeader Header, UInt256 Hash);
