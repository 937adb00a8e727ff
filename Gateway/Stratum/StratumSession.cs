using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Recording;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>One connection of a miner: reads its requests one after the other and answers in that order, while jobs go out beside.</summary>
/// <remarks>
/// A request is read only when the one before has been answered, so a miner that sends faster than it is served is slowed down by its own
/// connection. What the loop and the rounds of new work both touch lies under one lock, which is never held across an await.
/// </remarks>
internal sealed partial class StratumSession : IDisposable
{
    private const string GatewayStops = "the gateway stops";

    /// <summary>How long what is left to say may take at the end.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    // A request that brings a job of tens of kilobytes counts as so many more: or else a hundred bytes would fetch them as often as others submit. Those
    // that follow wait for it.
    private const double WeightOfJob = 9;

    private readonly StratumServices _services;
    private readonly ILogger _log;
    private readonly Outbox _outbox;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly DateTimeOffset _openedAt;
    private readonly Origin _origin;
    private readonly OffenceScore _score;
    private readonly RequestAllowance _allowance;
    private readonly StratumRecording? _recording;
    private readonly string _sessionId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private string? _closeReason;
    private bool _isOver;
    private volatile bool _isDeaf;
    private bool _isBanned;
    private volatile Standing _standing;

    /// <summary>A session; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="services">What all sessions use.</param>
    /// <param name="extranonce1">Unique among the live connections.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="log">Where to.</param>
    public StratumSession(StratumServices services, uint extranonce1, Origin origin, ILogger log)
    {
        (_services, Extranonce1, _origin, _log) = (services, extranonce1, origin, log);
        _outbox = new Outbox(services.Time);
        _jobs = new GivenJobs(services.Settings.KeepJobs, services.Settings.KeepJob);
        _openedAt = _lastHeard = _lastSaid = services.Time.GetUtcNow();
        _score = new OffenceScore(services.Settings.BanScore);
        _allowance = new RequestAllowance(services.Settings.RequestsPerSecond, _openedAt);
        _recording = services.Recorder.OpenMiner(origin.Name);
    }

    /// <summary>The first half of the eight bytes that tell this connection's coinbases from all others.</summary>
    public uint Extranonce1 { get; }

    /// <summary>Whether the miner did not take what it was sent.</summary>
    public bool IsDeaf => _isDeaf;

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
            // Not cancelled: what has come until now is still heard. When the connection is gone, there is an end to its bytes.
            using var wake = _stopReading.Token.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), transport.Input);
            await ReadAsync(transport.Input);
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
            // One that waits for the answer to its name would take this for it.
            if (_closeReason == GatewayStops && IsAuthorized && _services.Settings.Sister is { } sister)
                Say(output => StratumWriter.Reconnect(output, sister.Host, sister.Port));
            Leave();
            _outbox.Close();
            // What is queued still goes out, the answer to the last request above all.
            if (!_isDeaf) await writing.WaitAsync(Farewell, _services.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _isDeaf |= !writing.IsCompleted;
            await stop.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Instruments.ConnectionsClosed.WithLabels(_closeReason ?? "").Inc();
            LogClosed(_origin.Name, _closeReason);
        }
    }

    /// <summary>Ends the connection once the requests that have come are answered.</summary>
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

    /// <summary>Ends the connection as <see cref="Close"/> does, and tells the miner at last where the pool is to be found meanwhile, if anywhere.</summary>
    public void SendElsewhere() => Close(GatewayStops);

    /// <summary>Frees what a session that has ended holds.</summary>
    public void Dispose()
    {
        lock (_stopReading) _isOver = true;
        _stopReading.Dispose();
        _recording?.Dispose();
    }

    /// <summary>Looks after time: to be called every second or so.</summary>
    /// <param name="batch">Jobs of the work there is; null when there is none.</param>
    public void Tick(JobBatch? batch)
    {
        var now = _services.Time.GetUtcNow();
        var settings = _services.Settings;
        if (_outbox.Stalled > settings.Stall) CloseDeaf();
        else if (!IsAuthorized && now - _openedAt > settings.Login) Close("the miner did not log in");
        else if (now - LastHeard > settings.Idle && !MayBeSilent) Close("the miner was silent");
        else TickJobs(batch, now);
    }

    // One that chose a difficulty may take hours for a solution, and one that has found some has shown what it is here for. They take a job every minute:
    // should they be gone, what is sent to them tells.
    private bool MayBeSilent
    {
        get
        {
            lock (_lock) return _miner is { } miner && (_standing == Standing.Works || miner.Name.SubmissionTarget is not null || _easiestOfMiner is not null);
        }
    }

    private async Task ReadAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var buffer = read.Buffer;
            while (true)
            {
                var outcome = StratumFraming.TakeLine(ref buffer, _services.Settings.MaxLine, out var line);
                if (outcome == LineOutcome.TooLong)
                {
                    Blame(Offence.LongLine);
                    Close("a line was too long");
                    return;
                }
                if (outcome == LineOutcome.Incomplete) break;
                await HandleAsync(line.ToArray(), _stopReading.Token);
                _outbox.Send();
                if (_isDeaf || _isBanned) return;
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || read.IsCanceled) return;
        }
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        var now = _services.Time.GetUtcNow();
        LastHeard = now;
        _recording?.Received(line);
        if (_allowance.Take(now) is { Ticks: > 0 } wait)
        {
            Instruments.RequestsDelayed.Inc();
            await Task.Delay(wait, _services.Time, cancellation);
        }

        switch (StratumReader.Read(line))
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
                Configure(configure);
                break;
            case ExtranonceSubscribeRequest follow:
                // It would be told, were the extranonce ever to change.
                Say(output => StratumWriter.Result(output, follow.Id, true));
                break;
            case SuggestDifficultyRequest suggestion:
                Suggest(suggestion.Id, MinerDifficulty.ToTarget(suggestion.Difficulty, DifficultyFactor));
                break;
            case SuggestTargetRequest suggestion:
                Suggest(suggestion.Id, suggestion.Target);
                break;
            case GetVersionRequest question:
                Say(output => StratumWriter.Text(output, question.Id, ProgramVersion));
                break;
            case PingRequest ping:
                Say(output => StratumWriter.Text(output, ping.Id, "pong"));
                break;
            case StratumAnswer { Text: { } text } when !_hasNamedItself && IsAuthorized:
                Name(text);
                TellFee();
                break;
            case StratumFault fault:
                Blame(fault.Error.Code == StratumErrorCode.MethodNotFound ? Offence.UnknownMethod : Offence.BrokenRequest);
                Say(output => StratumWriter.Error(output, fault.Id, fault.Error));
                break;
        }
    }

    // Only queues the line: it goes out when the request, or the job, is done with and no lock is held.
    private void Say(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>(128);
        write(output);
        Say(output.WrittenMemory);
    }

    private void Say(ReadOnlyMemory<byte> line)
    {
        LastSaid = _services.Time.GetUtcNow();
        _recording?.Sent(line);
        if (!_outbox.TryAdd(line)) CloseDeaf();
    }

    private void Say(SharedLine line)
    {
        LastSaid = _services.Time.GetUtcNow();
        _recording?.Sent(line.Bytes);
        if (!_outbox.TryAdd(line)) CloseDeaf();
    }

    private void Blame(Offence offence)
    {
        Instruments.Offences.WithLabels(offence.Word()).Inc();
        // An unknown method is a dialect that we do not speak: it says nothing against whoever tries it.
        if (offence != Offence.UnknownMethod && _standing != Standing.Works) Stand(Standing.Offends);
        if (!_score.Add(offence, _services.Time.GetUtcNow()) || _closeReason is not null) return;
        Instruments.Bans.WithLabels("worker", offence.Word()).Inc();
        LogBanned(_origin.Name, offence.Word());
        if (_services.Hosts.Strike(_origin.Host, _names.Values.Select(account => (account.Address, account.Worker)), offence, _standing))
        {
            Instruments.Bans.WithLabels("host", offence.Word()).Inc();
            LogHostBanned(_origin.Host, offence.Word());
        }
        _isBanned = true;
        Close("the miner misbehaved");
    }

    // Its host has somebody who works: bans of others there stay their own.
    private void Praise()
    {
        _score.Honest(_services.Time.GetUtcNow());
        Stand(Standing.Works);
    }

    private void Stand(Standing standing)
    {
        if (_standing == standing) return;
        _services.Hosts.Change(_origin.Host, _standing, standing);
        _standing = standing;
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
    private partial void LogNamed(string remote, string address, string worker, string agent);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Miner {Remote} misbehaved too often, at last: {Offence}; its worker is banned for a while")]
    private partial void LogBanned(string remote, string offence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "All connections of {Host} misbehave, at last: {Offence}; it is banned for a while")]
    private partial void LogHostBanned(IPAddress host, string offence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Miner {Remote} was refused: {Reason}")]
    private partial void LogRefused(string remote, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Miner {Remote} is sent away, there is no work for it: {Reason}")]
    private partial void LogNoWork(string remote, string? reason);
}
