using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Work;

namespace Grainpool.Gateway.Stratum;

/// <summary>All live sessions: gives each its extranonce1, sends every round of new work through them, and looks after their time.</summary>
internal sealed partial class MinerSessions : BackgroundService, IHostedLifecycleService, IConnectionCount
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly StratumServices _services;
    private readonly ILogger<MinerSessions> _log;
    private readonly ConcurrentDictionary<uint, (StratumSession Session, Task Run)> _sessions = new();
    private readonly JobRounds _rounds;
    private volatile bool _stopping;

    public MinerSessions(StratumServices services, ILogger<MinerSessions> log)
    {
        (_services, _log) = (services, log);
        _rounds = new JobRounds(services.Settings.RoundThreads);
        services.Work.Changed += Distribute;
        services.Work.Withdrawn += SendAway;
    }

    public int Connections => _sessions.Count;

    /// <summary>Serves a connection until it ends.</summary>
    /// <returns>False when the miner did not take what it was sent: nothing more will reach it.</returns>
    public async Task<bool> ServeAsync(IDuplexPipe transport, Origin origin, CancellationToken cancellation)
    {
        if (_stopping) return true;
        if (_sessions.Count >= _services.Settings.MaxConnections)
        {
            Instruments.ConnectionsRefused.WithLabels("too-many").Inc();
            LogFull(origin.Name, _services.Settings.MaxConnections);
            return true;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        StratumSession session;
        do session = new StratumSession(_services, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)), origin, _log);
        while (!_sessions.TryAdd(session.Extranonce1, (session, done.Task)));

        Instruments.Connections.Set(_sessions.Count);
        try
        {
            await session.RunAsync(transport, cancellation);
            return !session.IsDeaf;
        }
        finally
        {
            _sessions.TryRemove(session.Extranonce1, out _);
            Instruments.Connections.Set(_sessions.Count);
            session.Dispose();
            done.SetResult();
        }
    }

    /// <summary>Looks after the time of every session.</summary>
    internal void Tick()
    {
        // Jobs that are repeated because there was nothing new are due for all at one time: they, too, are made once for an address.
        using var batch = _services.Work.Work is { } work ? new JobBatch(_services.Jobs, _services.Book, work) : null;
        var (failures, last) = (0, default(Exception));
        // Not over its values: those are copied, and a large copy every second is a large collection every minute.
        foreach (var (_, (session, _)) in _sessions)
        {
            try
            {
                session.Tick(batch);
            }
            catch (Exception exception)
            {
                // Those behind it are looked after all the same.
                (failures, last) = (failures + 1, exception);
            }
        }
        // One line for all: it comes again every second.
        if (last is not null) LogNotLookedAfter(failures, last);
    }

    /// <summary>Lets every miner have the answer it waits for, then ends all sessions; before the web server waits for its connections to end.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        _services.Work.Changed -= Distribute;
        _services.Work.Withdrawn -= SendAway;
        var running = _sessions.Values.ToList();
        foreach (var (session, _) in running) session.SendElsewhere();
        await Task.WhenAll(running.Select(each => each.Run)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _rounds.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TickInterval, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    Tick();
                }
                catch (Exception exception)
                {
                    LogBroken(exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private void Distribute(PoolWork work, bool clean)
    {
        var start = Stopwatch.GetTimestamp();
        var batch = new JobBatch(_services.Jobs, _services.Book, work);
        var sessions = ArrayPool<StratumSession>.Shared.Rent(Math.Max(1, _sessions.Count));
        var count = 0;
        foreach (var (_, (session, _)) in _sessions)
        {
            if (count == sessions.Length) sessions = Larger(sessions);
            sessions[count++] = session;
        }
        _rounds.Begin(new JobRound(count, Offer, End));

        bool Offer(int session)
        {
            try
            {
                return sessions[session].Offer(batch);
            }
            catch (Exception exception)
            {
                // The others still need their jobs.
                LogNoJob(work.Base.Template.Height, exception);
                return true;
            }
        }

        void End()
        {
            batch.Dispose();
            ArrayPool<StratumSession>.Shared.Return(sessions, clearArray: true);
            var elapsed = Stopwatch.GetElapsedTime(start);
            Instruments.NotifySeconds.Observe(elapsed.TotalSeconds);
            LogDistributed(work.Base.Template.Height, clean, count, elapsed);
            OfferCollection();
        }
    }

    // In the middle of a round a collection keeps everybody waiting who has no job yet. Nobody waits at its end: what is nearly due is done then.
    private static void OfferCollection()
    {
        GC.Collect(1, GCCollectionMode.Optimized);
        GC.Collect(0, GCCollectionMode.Optimized);
    }

    private static StratumSession[] Larger(StratumSession[] sessions)
    {
        var larger = ArrayPool<StratumSession>.Shared.Rent(2 * sessions.Length);
        sessions.CopyTo(larger, 0);
        ArrayPool<StratumSession>.Shared.Return(sessions, clearArray: true);
        return larger;
    }

    private void SendAway(string reason)
    {
        foreach (var (_, (session, _)) in _sessions) session.Close("there is no work");
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "New work for block {Height} (clean: {Clean}) to {Count} connections in {Elapsed}")]
    private partial void LogDistributed(uint height, bool clean, int count, TimeSpan elapsed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Miner {Remote} is turned away: there are {Most} connections already (stratum:maximumConnections)")]
    private partial void LogFull(string remote, int most);

    [LoggerMessage(Level = LogLevel.Error, Message = "A miner could not be given its job for block {Height}")]
    private partial void LogNoJob(uint height, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} sessions could not be looked after, the last one for this")]
    private partial void LogNotLookedAfter(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Looking after the sessions broke down")]
    private partial void LogBroken(Exception exception);
}
