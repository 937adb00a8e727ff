using System.Collections.Immutable;
using System.Threading.Channels;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Spooling;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;

namespace Grainpool.Gateway.Work;

/// <summary>Keeps the work current: renews the registration, takes news, pulls transactions, and looks at a daemon itself while silos are away.</summary>
/// <remarks>News is a hint; what a renewal answers is the truth. A larger (epoch, sequence) replaces a smaller one, whichever way it came.</remarks>
internal sealed partial class WorkLink : BackgroundService
{
    private static readonly TimeSpan TransactionsRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan OwnLookTimeout = TimeSpan.FromSeconds(5);

    // A few templates live at a time: same tip with newer fees.
    private const int KeptTransactionLists = 4;

    private readonly ISiloLink _silo;
    private readonly SiloNews _news;
    private readonly CurrentWork _current;
    private readonly Spool _spool;
    private readonly SpoolDelivery _delivery;
    private readonly IDaemonLink _daemons;
    private readonly NetworkParameters _network;
    private readonly PayeeScripts _scripts;
    private readonly PoolClock _clock;
    private readonly Func<int> _connections;
    private readonly WorkPatience _patience;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkLink> _log;

    private readonly Channel<WorkAnnouncement> _announced =
        Channel.CreateBounded<WorkAnnouncement>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Queue<(Hash256 Template, ImmutableArray<ImmutableArray<byte>> Transactions)> _transactions = new();
    private readonly Lock _lock = new();
    private readonly WorkGuard _guard;
    private (long Epoch, long Sequence) _known;
    private (long Epoch, long Sequence) _wanted;

    public WorkLink(
        ISiloLink silo, SiloNews news, CurrentWork current, Spool spool, SpoolDelivery delivery, IDaemonLink daemons,
        NetworkParameters network, PayeeScripts scripts, PoolClock clock, IConnectionCount connections, WorkPatience patience,
        TimeProvider time, ILogger<WorkLink> log)
    {
        (_silo, _news, _current, _spool, _delivery, _daemons) = (silo, news, current, spool, delivery, daemons);
        (_network, _scripts, _clock, _patience, _time, _log) = (network, scripts, clock, patience, time, log);
        _connections = () => connections.Connections;
        _guard = new WorkGuard(patience, time.GetUtcNow());
        _news.NewWork += Take;
    }

    public override void Dispose()
    {
        _news.NewWork -= Take;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Survive(RenewAsync, stoppingToken), Survive(InstallAsync, stoppingToken), Survive(GuardAsync, stoppingToken));

    private (long Epoch, long Sequence) Known
    {
        get
        {
            lock (_lock) return _known;
        }
    }

    /// <summary>News, or part of an answer.</summary>
    private void Take(WorkAnnouncement announcement)
    {
        lock (_lock)
        {
            var place = (announcement.Epoch, announcement.Sequence);
            if (place.CompareTo(_known) <= 0 || place.CompareTo(_wanted) <= 0) return;
            _wanted = place;
        }
        _announced.Writer.TryWrite(announcement);
    }

    private async Task RenewAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (true)
        {
            var pause = _patience.Renewal;
            try
            {
                var known = Known;
                Take(await _silo.RenewAsync(known.Epoch, known.Sequence, _connections()));
                if (failures > 0) LogSiloBack();
                failures = 0;
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                if (failures++ == 0) LogSiloAway(exception.Message);
                pause = _patience.RenewalRetry;
            }
            await Task.Delay(pause, _time, cancellation);
        }
    }

    private void Take(GatewayAnswer answer)
    {
        _clock.Learn(answer.SiloTime);
        _delivery.Durable(answer.Epoch, answer.DurableThrough);
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            if (answer.Work is null && answer.NoWorkReason is not null) _guard.Denied(answer.NoWorkReason, now);
            else _guard.Confirmed(now);
            // Nothing to withdraw yet: say at once why there is none.
            if (_known == default && answer is { Work: null, NoWorkReason: { } reason }) _current.Withdraw(reason);
        }
        if (answer.Work is not null) Take(answer.Work);
    }

    private async Task InstallAsync(CancellationToken cancellation)
    {
        long? lastRound = null;
        while (await _announced.Reader.WaitToReadAsync(cancellation))
        {
            // Every round restarts all miners, so a burst of tips is not followed step by step.
            if (lastRound is { } last && _patience.BetweenRounds - _time.GetElapsedTime(last) is { Ticks: > 0 } wait) await Task.Delay(wait, _time, cancellation);
            if (!_announced.Reader.TryRead(out var announcement)) continue;
            if (_spool.Trouble is { } trouble)
            {
                Forget();
                _current.Withdraw(trouble);
                continue;
            }
            if (await TransactionsAsync(announcement, cancellation) is not { } transactions)
            {
                Forget();
                continue;
            }

            var work = new PoolWork(announcement, new ShareBuilder(_network, _scripts, announcement.Work), transactions);
            lock (_lock)
            {
                _known = (announcement.Epoch, announcement.Sequence);
                _guard.Confirmed(_time.GetUtcNow());
            }
            lastRound = _time.GetTimestamp();
            _current.Replace(work);
        }
    }

    // The next renewal brings it again.
    private void Forget()
    {
        lock (_lock) _wanted = _known;
    }

    // Null when a newer announcement waits, or the silo does not hold the template any more.
    private async Task<ImmutableArray<ImmutableArray<byte>>?> TransactionsAsync(WorkAnnouncement announcement, CancellationToken cancellation)
    {
        var template = announcement.Work.Template;
        if (template.TransactionCount == 0) return [];
        foreach (var kept in _transactions)
        {
            if (kept.Template == template.Id) return kept.Transactions;
        }

        while (true)
        {
            try
            {
                var answer = await _silo.TransactionsAsync(template.Id);
                if (answer is null || answer.Transactions.Length != template.TransactionCount)
                {
                    LogNoTransactions(template.Height, template.Id);
                    return null;
                }
                _transactions.Enqueue((template.Id, answer.Transactions));
                if (_transactions.Count > KeptTransactionLists) _transactions.Dequeue();
                return answer.Transactions;
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                LogTransactionsFailed(template.Height, exception.Message);
            }
            if (_announced.Reader.TryPeek(out _)) return null;
            await Task.Delay(TransactionsRetry, _time, cancellation);
        }
    }

    private async Task GuardAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(_patience.OwnLook, _time, cancellation);
            await LookAsync(cancellation);
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        bool look;
        lock (_lock)
        {
            Instruments.SiloSilence.Set(_guard.Silence(now).TotalSeconds);
            look = _guard.WantsOwnLook(now);
        }
        _spool.Retry();
        if (_current.Work is not { } work) return;

        if (look && await TipAsync(cancellation) is { } tip)
        {
            lock (_lock) _guard.Saw(tip, work.Base.Template.PreviousBlock, _time.GetUtcNow());
        }
        string? stop;
        lock (_lock) stop = _spool.Trouble ?? _guard.StopReason(_time.GetUtcNow());
        if (stop is null) return;

        LogStopped(stop);
        lock (_lock) (_known, _wanted) = (default, default);
        _current.Withdraw(stop);
    }

    private async Task<Hash256?> TipAsync(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(OwnLookTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await _daemons.TipAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    // A loop that ends would leave miners on old work without a sound.
    private async Task Survive(Func<CancellationToken, Task> loop, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await loop(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogBroken(exception);
                Forget();
                await Task.Delay(_patience.RenewalRetry, _time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No silo answers; miners go on with the last work while a daemon confirms it: {Reason}")]
    private partial void LogSiloAway(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "A silo answers again")]
    private partial void LogSiloBack();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The transactions of template {Template} for block {Height} are not to be had any more; waiting for newer work")]
    private partial void LogNoTransactions(uint height, Hash256 template);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The transactions for block {Height} could not be fetched, trying again: {Reason}")]
    private partial void LogTransactionsFailed(uint height, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "No more work is handed out, miners are sent away: {Reason}")]
    private partial void LogStopped(string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Following the work broke down and begins anew")]
    private partial void LogBroken(Exception exception);
}

/// <summary>How many miners there are.</summary>
internal interface IConnectionCount
{
    /// <summary>Connections now.</summary>
    int Connections { get; }
}
