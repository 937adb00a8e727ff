using System.Buffers;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using System.Threading.Channels;

namespace Grainpool.Devnet.Mining;

/// <summary>One connection to a pool, from the first line to the last: plain stratum of version 1.</summary>
internal sealed class PoolConnection : IDisposable
{
    private const string Agent = "grainpool-cpuminer/0.1";
    private const int SubscribeId = 1, AuthorizeId = 2, FirstSubmitId = 10;
    private const int MostExtraNonce1Bytes = 64, MostExtraNonce2Bytes = 32;
    private const int MostPending = 1000;
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    private readonly MinerOptions _options;
    private readonly TimeProvider _time;
    private readonly long _number;
    private readonly Action<MinerEvent> _tell;
    private readonly Action<MiningWork> _work;
    private readonly ChannelReader<FoundShare> _found;
    private readonly Dictionary<int, FoundShare> _pending = [];
    private readonly SemaphoreSlim _writing = new(1);
    private ImmutableArray<byte> _extraNonce1 = [];
    private int _extraNonce2Size;
    // Counts from the next notify on, and begins at 1 at every subscribe, as with the miners people use.
    private double _difficulty = 1;
    private int _submitId = FirstSubmitId;

    public PoolConnection(MinerOptions options, TimeProvider time, long number, ChannelReader<FoundShare> found, Action<MiningWork> work, Action<MinerEvent> tell) =>
        (_options, _time, _number, _found, _work, _tell) = (options, time, number, found, work, tell);

    /// <summary>Whether the pool took us in.</summary>
    public bool IsAuthorized { get; private set; }

    /// <summary>Runs until the connection ends; says why.</summary>
    /// <exception cref="PoolRefusedException">The pool refused us or does not speak stratum.</exception>
    /// <exception cref="SocketException">No connection.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<string> RunAsync(CancellationToken cancellation)
    {
        using var socket = new TcpClient { NoDelay = true };
        using (var limit = new CancellationTokenSource(ConnectPatience, _time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation))
        {
            try
            {
                await socket.ConnectAsync(_options.Host, _options.Port, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new PoolRefusedException($"no connection within {ConnectPatience.TotalSeconds:0} s");
            }
        }
        var stream = socket.GetStream();
        await using var lines = new LineStream(stream);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await SendAsync(stream, SubscribeId, "mining.subscribe", [Agent], cancellation).ConfigureAwait(false);
        var submitting = SubmitAsync(stream, ending.Token);
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(_options.Silence, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
                byte[]? line;
                try
                {
                    line = await lines.ReadAsync(either.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    return $"the pool said nothing for {_options.Silence.TotalSeconds:0} s";
                }
                if (line is null) return "the pool closed the connection";
                if (!await TakeAsync(stream, line, cancellation).ConfigureAwait(false)) return "the pool asked for a new connection";
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await submitting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _writing.Dispose();

    private async Task<bool> TakeAsync(NetworkStream stream, byte[] line, CancellationToken cancellation)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            throw new PoolRefusedException("the pool sent a line that is no JSON");
        }
        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new PoolRefusedException("the pool sent a line that is no JSON object");
            if (root.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String)
                return await TakeCallAsync(stream, method.GetString()!, root, cancellation).ConfigureAwait(false);
            if (root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number))
                await TakeAnswerAsync(stream, number, root, cancellation).ConfigureAwait(false);
            return true;
        }
    }

    private async Task TakeAnswerAsync(NetworkStream stream, int id, JsonElement root, CancellationToken cancellation)
    {
        var result = root.TryGetProperty("result", out var given) ? given : default;
        var error = root.TryGetProperty("error", out var named) && named.ValueKind != JsonValueKind.Null ? ErrorText(named) : null;
        if (id == SubscribeId)
        {
            if (error is not null) throw new PoolRefusedException($"mining.subscribe was refused: {error}");
            ReadSubscription(result);
            await SendAsync(stream, AuthorizeId, "mining.authorize", [_options.User, _options.Password], cancellation).ConfigureAwait(false);
        }
        else if (id == AuthorizeId)
        {
            // Some pools answer null.
            if (error is not null || result.ValueKind is JsonValueKind.False) throw new PoolRefusedException($"{_options.User} was refused: {error ?? "no reason given"}");
            IsAuthorized = true;
            _tell(new MinerEvent.Connected($"{_options.Host}:{_options.Port}"));
        }
        else
        {
            FoundShare? share;
            lock (_pending) _pending.Remove(id, out share);
            if (share is null) return;
            _tell(result.ValueKind == JsonValueKind.True && error is null
                ? new MinerEvent.Accepted(share.Work.Job.Id, share.Hash, share.HeaderHash)
                : new MinerEvent.Rejected(share.Work.Job.Id, share.Hash, error ?? ""));
        }
    }

    private async Task<bool> TakeCallAsync(NetworkStream stream, string method, JsonElement root, CancellationToken cancellation)
    {
        var parameters = root.TryGetProperty("params", out var given) ? given : default;
        var hasId = root.TryGetProperty("id", out var id) && id.ValueKind != JsonValueKind.Null;
        switch (method)
        {
            case "mining.set_difficulty":
                if (First(parameters) is { ValueKind: JsonValueKind.Number } number && number.GetDouble() is > 0 and var difficulty) _difficulty = difficulty;
                break;
            case "mining.set_extranonce":
                ReadExtraNonce(parameters, first: 0);
                break;
            case "mining.notify":
                if (MiningJob.TryRead(parameters, _extraNonce1, _extraNonce2Size, _difficulty, out var job))
                {
                    _work(new MiningWork(job, _number));
                    _tell(new MinerEvent.NewJob(job.Id, job.Difficulty, job.Clean));
                }
                break;
            case "client.show_message":
                if (First(parameters) is { ValueKind: JsonValueKind.String } text) _tell(new MinerEvent.Message(text.GetString()!));
                break;
            case "client.reconnect":
                // Only to where it was told to mine: a pool does not send our work elsewhere.
                return false;
            case "client.get_version":
                if (hasId) await AnswerAsync(stream, id, writer => writer.WriteString("result", Agent), cancellation).ConfigureAwait(false);
                break;
            case "mining.ping":
                if (hasId) await AnswerAsync(stream, id, writer => writer.WriteString("result", "pong"), cancellation).ConfigureAwait(false);
                break;
            default:
                if (hasId) await AnswerAsync(stream, id, WriteUnknown, cancellation).ConfigureAwait(false);
                break;
        }
        return true;

        static JsonElement? First(JsonElement list) => list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0 ? list[0] : null;

        static void WriteUnknown(Utf8JsonWriter writer)
        {
            writer.WriteNull("result");
            writer.WriteStartArray("error");
            writer.WriteNumberValue(-3);
            writer.WriteStringValue("unknown method");
            writer.WriteNullValue();
            writer.WriteEndArray();
        }
    }

    private void ReadSubscription(JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Array || !ReadExtraNonce(result, first: 1)) throw new PoolRefusedException("the answer to mining.subscribe names no extranonce");
    }

    private bool ReadExtraNonce(JsonElement list, int first)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() < first + 2) return false;
        if (list[first].ValueKind != JsonValueKind.String || list[first + 1].ValueKind != JsonValueKind.Number || !list[first + 1].TryGetInt32(out var size)) return false;
        byte[] extraNonce1;
        try
        {
            extraNonce1 = Convert.FromHexString(list[first].GetString()!);
        }
        catch (FormatException)
        {
            return false;
        }
        if (extraNonce1.Length > MostExtraNonce1Bytes || size is < 0 or > MostExtraNonce2Bytes) return false;
        (_extraNonce1, _extraNonce2Size) = ([.. extraNonce1], size);
        return true;
    }

    private async Task SubmitAsync(NetworkStream stream, CancellationToken cancellation)
    {
        await foreach (var share in _found.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (share.Work.Connection != _number) continue;
            var id = ++_submitId;
            lock (_pending)
            {
                // A pool that answers nothing must not fill the memory.
                if (_pending.Count >= MostPending) _pending.Remove(_pending.Keys.Min());
                _pending.Add(id, share);
            }
            var job = share.Work.Job;
            await SendAsync(
                stream, id, "mining.submit",
                [_options.User, job.Id, Convert.ToHexStringLower(share.ExtraNonce2), job.Time.ToString("x8"), share.Nonce.ToString("x8")], cancellation).ConfigureAwait(false);
        }
    }

    private Task SendAsync(NetworkStream stream, int id, string method, string[] parameters, CancellationToken cancellation) => WriteAsync(stream, writer =>
    {
        writer.WriteNumber("id", id);
        writer.WriteString("method", method);
        writer.WriteStartArray("params");
        foreach (var parameter in parameters) writer.WriteStringValue(parameter);
        writer.WriteEndArray();
    }, cancellation);

    private Task AnswerAsync(NetworkStream stream, JsonElement id, Action<Utf8JsonWriter> write, CancellationToken cancellation) => WriteAsync(stream, writer =>
    {
        writer.WritePropertyName("id");
        id.WriteTo(writer);
        write(writer);
    }, cancellation);

    private async Task WriteAsync(NetworkStream stream, Action<Utf8JsonWriter> write, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(buffer.WrittenMemory, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    // [code, text, data] by the book; also an object or a plain text.
    private static string ErrorText(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.Array when error.GetArrayLength() > 1 => error[1].ToString(),
        JsonValueKind.Object when error.TryGetProperty("message", out var message) => message.ToString(),
        _ => error.ToString(),
    };
}
