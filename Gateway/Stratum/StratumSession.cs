using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>One connection of a miner: reads its requests one after the other and answers in that order, while jobs go out beside.</summary>
/// <remarks>
/// A request is read only when the one before has been answered, so a miner that sends faster than it is served is slowed down by its own
/// connection. What the loop and the rounds of new work both touch lies under one lock, which is never held across an await.
/// </remarks>
internal sealed partial class StratumSession : IDisposable
{
    // A miner in use sends broken JSON for some job ids; a stranger sends nothing else.
    private const int MaxFaultsInRow = 20;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly StratumServices _services;
    private readonly ILogger _log;
    private readonly Outbox _outbox;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly DateTimeOffset _openedAt;
    private readonly string _remote;
    private readonly string _sessionId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private string? _closeReason;
    private bool _isOver;
    private volatile bool _isDeaf;
    private int _faults;

    /// <summary>A session; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="services">What all sessions use.</param>
    /// <param name="extranonce1">Unique among the live connections.</param>
    /// <param name="remote">Who it is, for the log.</param>
    /// <param name="log">Where to.</param>
    public StratumSession(StratumServices services, uint extranonce1, string remote, ILogger log)
    {
        (_services, Extranonce1, _remote, _log) = (services, extranonce1, remote, log);
        _outbox = new Outbox(services.Time);
        _openedAt = _lastHeard = _lastSaid = services.Time.GetUtcNow();
    }

    /// <summary>The first half of the eight bytes that tell this connection's coinbases from all others.</summary>
    public uint Extranonce1 { get; }

    /// <summary>Serves the connection until it ends.</summary>
    /// <param name="transport">Bytes in and out.</param>
    /// <param name="cancellation">The connection is gone.</param>
    public async Task RunAsync(IDuplexPipe transport, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = _outbox.WriteAsync(transport, stop.Token);
        // A miner that does not take what it is sent is not listened to either.
        _ = writing.ContinueWith(_ => Close("the connection broke"), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, _stopReading.Token);
            await ReadAsync(transport.Input, reading.Token);
            SetCloseReason("the miner went away");
        }
        catch (OperationCanceledException)
        {
            SetCloseReason("the miner went away");
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            SetCloseReason("the connection broke");
        }
        finally
        {
            Leave();
            _outbox.Close();
            // What is queued still goes out, the answer to the last request above all.
            if (!_isDeaf) await writing.WaitAsync(Farewell, _services.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await stop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Instruments.ConnectionsClosed.WithLabels(_closeReason ?? "").Inc();
            LogClosed(_remote, _closeReason);
        }
    }

    /// <summary>Ends the connection once the request under way is answered.</summary>
    /// <param name="reason">One of a few fixed sentences; it becomes a label of a metric.</param>
    public void Close(string reason)
    {
        SetCloseReason(reason);
        lock (_stopReading)
        {
            // Not here and now: what waits for it must not run under the caller's lock.
            if (!_isOver) _ = _stopReading.CancelAsync();
        }
    }

    /// <summary>Frees what a session that has ended holds.</summary>
    public void Dispose()
    {
        lock (_stopReading) _isOver = true;
        _stopReading.Dispose();
    }

    /// <summary>Looks after time: to be called every second or so.</summary>
    public void Tick()
    {
        var now = _services.Time.GetUtcNow();
        var settings = _services.Settings;
        if (_outbox.Stalled > settings.Stall) CloseDeaf();
        else if (!IsAuthorized && now - _openedAt > settings.Login) Close("the miner did not log in");
        else if (now - LastHeard > settings.Idle) Close("the miner was silent");
        else TickJobs(now);
    }

    private async Task ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            while (true)
            {
                var outcome = StratumFraming.TakeLine(ref buffer, _services.Settings.MaxLine, out var line);
                if (outcome == LineOutcome.TooLong)
                {
                    Close("a line was too long");
                    return;
                }
                if (outcome == LineOutcome.Incomplete) break;
                await HandleAsync(line.ToArray(), cancellation);
                if (cancellation.IsCancellationRequested) return;
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted) return;
        }
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        LastHeard = _services.Time.GetUtcNow();
        var message = StratumReader.Read(line);
        if (message is StratumFault)
        {
            if (++_faults > MaxFaultsInRow) Close("too many broken requests");
        }
        else if (message is not null) _faults = 0;

        switch (message)
        {
            case SubmitRequest submit:
                await SubmitAsync(submit);
                break;
            case SubscribeRequest subscribe:
                Subscribe(subscribe);
                break;
            case AuthorizeRequest authorize:
                await AuthorizeAsync(authorize, cancellation);
                break;
            case ConfigureRequest configure:
                Say(output => StratumWriter.NotConfigured(output, configure.Id, configure.Extensions));
                break;
            case ExtranonceSubscribeRequest follow:
                // It would be told, were the extranonce ever to change.
                Say(output => StratumWriter.Result(output, follow.Id, true));
                break;
            case SuggestDifficultyRequest suggestion:
                Suggest(suggestion);
                break;
            case StratumFault fault:
                Say(output => StratumWriter.Error(output, fault.Id, fault.Error));
                break;
        }
    }

    private void Say(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>(128);
        write(output);
        Say(output.WrittenMemory);
    }

    private void Say(ReadOnlyMemory<byte> line)
    {
        LastSaid = _services.Time.GetUtcNow();
        if (!_outbox.TryAdd(line)) CloseDeaf();
    }

    private void Say(SharedLine line)
    {
        LastSaid = _services.Time.GetUtcNow();
        if (!_outbox.TryAdd(line)) CloseDeaf();
    }

    private void CloseDeaf()
    {
        _isDeaf = true;
        Close("the miner does not read");
    }

    private void SetCloseReason(string reason) => Interlocked.CompareExchange(ref _closeReason, reason, null);

    [LoggerMessage(Level = LogLevel.Information, Message = "Miner {Remote} disconnected: {Reason}")]
    private partial void LogClosed(string remote, string? reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Miner {Remote} mines for {Address}, worker '{Worker}', with {Agent}")]
    private partial void LogAuthorized(string remote, string address, string worker, string agent);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Miner {Remote} was refused: {Reason}")]
    private partial void LogRefused(string remote, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Miner {Remote} is sent away, there is no work for it: {Reason}")]
    private partial void LogNoWork(string remote, string? reason);
}
