using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Grainpool.LoadGenerator;
using Grainpool.P2Pool.Networks;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>Processor time from a submit in a session's pipe to the answer in it, with a hash that costs nothing and no share among the solutions.</summary>
internal static class SubmitCode
{
    private const int Sessions = 8;
    private const int Rounds = 20_000;

    public static async Task MeasureAsync(Action<string, string, string> row)
    {
        await using var gateway = await GatewayHost.StartAsync(100, new NoHash());
        var miners = new List<Miner>();
        for (var i = 0; i < Sessions; i++) miners.Add(await Miner.BeginAsync(gateway, Payee.Of(KnownNetworks.Devnet, i + 1).Address));

        var best = double.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var before = ProcessorTime();
            await Task.WhenAll(miners.Select(miner => Task.Run(() => miner.SubmitAsync(Rounds))));
            best = Math.Min(best, (ProcessorTime() - before).TotalMicroseconds / (Sessions * Rounds));
        }
        row(
            "everything in submit → reply but hash, spool and socket", "≤ 20 µs processor",
            string.Create(CultureInfo.InvariantCulture, $"{best:0.0} µs (fastest of 5 runs; this side of the pipe, which writes the request and reads the answer, is in it)"));
        foreach (var miner in miners) await miner.EndAsync();
    }

    private static TimeSpan ProcessorTime()
    {
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime;
    }

    /// <summary>A hash that is none, larger than every share target.</summary>
    private sealed class NoHash : IVerthash
    {
        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => hash.Fill(0xee);

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => hashes.Fill(0xee);
    }

    private sealed class Miner(PipeReader input, PipeWriter output, Task served)
    {
        private string _job = "";
        private string _time = "";
        private uint _nonce;

        public static async Task<Miner> BeginAsync(GatewayHost gateway, string address)
        {
            var options = new PipeOptions(useSynchronizationContext: false);
            var (up, down) = (new Pipe(options), new Pipe(options));
            var miner = new Miner(down.Reader, up.Writer, gateway.ServeAsync(new Ends(up.Reader, down.Writer)));
            await miner.AskAsync("{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"benchmark\"]}\n"u8.ToArray(), 1);
            await miner.AskAsync(Encoding.ASCII.GetBytes($"{{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"{address}\",\"x\"]}}\n"), 2);
            return miner;
        }

        public async Task SubmitAsync(int count)
        {
            var line = Encoding.ASCII.GetBytes($"{{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"a\",\"{_job}\",\"00000000\",\"{_time}\",\"00000000\"]}}\n");
            var place = line.Length - 12;
            for (var i = 0; i < count; i++)
            {
                _nonce++;
                _nonce.TryFormat(line.AsSpan(place, 8), out _, "x8", CultureInfo.InvariantCulture);
                await AskAsync(line, 4);
            }
        }

        public async Task EndAsync()
        {
            await output.CompleteAsync();
            await served;
        }

        private async Task AskAsync(byte[] line, int id)
        {
            await output.WriteAsync(line);
            while (true)
            {
                var read = await input.ReadAsync();
                var buffer = read.Buffer;
                var answered = false;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    answered |= Take(buffer.Slice(0, end), id);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }
                input.AdvanceTo(buffer.Start, buffer.End);
                if (answered) return;
                if (read.IsCompleted) throw new InvalidOperationException("the session ended");
            }
        }

        private bool Take(ReadOnlySequence<byte> line, int id)
        {
            if (line.FirstSpan.StartsWith("{\"id\":4,\"result\":true"u8)) return true;
            var members = LineReader.Read(line.ToArray());
            var bytes = line.ToArray();
            if (members.Kind == LineKind.Answer)
            {
                var text = Encoding.UTF8.GetString(bytes);
                if (!text.Contains("\"error\":null", StringComparison.Ordinal)) throw new InvalidOperationException(text);
                return true;
            }
            if (LineReader.Is(bytes.AsSpan()[members.Method], "mining.notify"u8))
            {
                using var document = System.Text.Json.JsonDocument.Parse(bytes);
                var fields = document.RootElement.GetProperty("params");
                (_job, _time) = (fields[0].GetString()!, fields[7].GetString()!);
            }
            return false;
        }
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
