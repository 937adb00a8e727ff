using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.Grains.Segments;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Microsoft.Extensions.Logging;
using Rules = Grainpool.P2Pool.Chain;
using ShareOutcome = Grainpool.GrainInterfaces.Chain.ShareOutcome;
using ShareVerdict = Grainpool.GrainInterfaces.Chain.ShareVerdict;

namespace Grainpool.Grains.Chain;

/// <summary>The share chain of a network: a mailbox round <see cref="ShareChain"/>, which is read at activation and written beside the turns.</summary>
/// <remarks>
/// No call of a gateway awaits anything. Loading, pulling templates and writing run on their own and hand over their results between calls.
/// </remarks>
internal sealed partial class ShareChainGrain : Grain, IShareChainGrain, IDisposable
{
    private static readonly TimeSpan PullPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PullPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PrunePeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLoadPause = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ClosedReminder = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SnapshotAge = TimeSpan.FromSeconds(1);

    private readonly NodeSettings _settings;
    private readonly ISegmentStore _store;
    private readonly ShareSegmentFormat _format;
    private readonly ShareCheck _check;
    private readonly TimeProvider _time;
    private readonly ILogger<ShareChainGrain> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly GatewayRegister _gateways = new();
    private readonly Dictionary<Hash256, long> _sequences = [];
    private ActiveChain? _active;
    private IGrainTimer? _further;
    private string _loading = "the share chain is being loaded";
    private EventPublisher? _events;
    private TemplateAnswer _template = new(null, "no block template has come yet");
    private DateTimeOffset _templateAt;
    private DateTimeOffset _closedToldAt;
    private long _templateNews;
    private long _lastSequence;
    private ChainSnapshot? _snapshot;

    public ShareChainGrain(NodeSettings settings, ISegmentStoreProvider stores, TimeProvider time, ILogger<ShareChainGrain> logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _store = stores.Open(settings.Network.Name);
        _format = new ShareSegmentFormat(settings.Network);
        _check = new ShareCheck(settings.Network);
        _stopping = _stop.Token;
    }

    private NetworkParameters Network => _settings.Network;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _settings.Check(this.GetPrimaryKeyString());
        _events = new EventPublisher(
            this.GetStreamProvider(EventStream.Provider).GetStream<PoolEvent>(StreamId.Create(EventStream.Namespace, Network.Name)), _logger);
        _templateAt = _activatedAt = _time.GetUtcNow();
        // The first look at daemons takes a moment; nobody need hear of it.
        _closedToldAt = _templateAt - ClosedReminder + FirstLook;
        _ = Load();
        this.RegisterGrainTimer(PullTemplate, new GrainTimerCreationOptions(TimeSpan.Zero, PullPeriod) { Interleave = true });
        this.RegisterGrainTimer(Prune, new GrainTimerCreationOptions(PrunePeriod, PrunePeriod));
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        Instruments.LeaveChain(Network.Name);
        if (_active is not { } active) return;
        _active = null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(FlushPatience);
        await active.Writer.Flush(patience.Token);
        await active.Writer.DisposeAsync();
    }

    public void Dispose() => _stop.Dispose();

    public Task<GatewayAnswer> Renew(GatewayRenewal renewal)
    {
        var now = _time.GetUtcNow();
        _gateways.Renew(renewal, now);
        if (_active is not { } active) return Task.FromResult(new GatewayAnswer(0, 0, null, _loading, now));

        UpdateWork(active);
        var current = active.Desk.Current;
        var known = current is not null && renewal.KnownEpoch == current.Epoch && renewal.KnownSequence == current.Sequence;
        return Task.FromResult(new GatewayAnswer(active.Epoch, active.Writer.DurableThrough, known ? null : current, active.Desk.Reason, now));
    }

    public Task<AddSharesAnswer> Add(ShareBatch batch)
    {
        if (batch.Shares.Length > ShareBatch.MaxShares)
            throw new ArgumentException($"{batch.Shares.Length} shares in one call; at most {ShareBatch.MaxShares}", nameof(batch));
        if (_active is not { } active) throw new InvalidOperationException($"The share chain of {Network.Name} takes no shares yet: {_loading}");

        var checks = batch.Shares.Select(Check).ToList();
        var change = active.Chain.Add([.. checks.Where(check => check.Known is not null).Select(check => check.Known!)], _time.GetUtcNow());
        var outcomes = new Queue<Rules.ShareOutcome>(change.Outcomes);
        var verdicts = checks.Select(check => check.Known is { } known ? Settle(active, known, outcomes.Dequeue()) : check.Verdict!).ToImmutableArray();
        Adopt(active, change);
        return Task.FromResult(new AddSharesAnswer(active.Epoch, active.Writer.DurableThrough, verdicts)
        {
            BadOrigins = change.BadOrigins,
            WantsShares = _requests.Any,
        });
    }

    public Task TemplateChanged(TemplateAnswer news)
    {
        _templateNews++;
        TakeTemplate(news);
        return Task.CompletedTask;
    }

    public Task<ChainSnapshot> Snapshot()
    {
        var now = _time.GetUtcNow();
        if (_snapshot is null || now - _snapshot.At >= SnapshotAge || now < _snapshot.At)
            _snapshot = SnapshotBuilder.Build(
                Network, _active, _template.Template, _active is { } active ? active.Desk.Reason : _loading, _lastSequence, now) with
            {
                IncomingPeers = _peers.Incoming,
                OutgoingPeers = _peers.Outgoing,
                Sync = _active is { } loaded ? Sync.Tell(loaded.Chain.Count) : null,
            };
        return Task.FromResult(_snapshot);
    }

    public Task<ImmutableArray<byte>?> ShareBytes(Hash256 hash) => Task.FromResult(_active?.Chain.Find(hash)?.Share.WireBytes);

    private (KnownShare? Known, ShareVerdict? Verdict) Check(OfferedShare offered)
    {
        try
        {
            var result = _check.Check(WrappedShare.Parse(offered.WireBytes.AsSpan()), offered.ProofOfWork);
            if (result.Share is { } share) return (new KnownShare(share, offered.SeenAt, offered.From, offered.Own, offered.Dead), null);
            return Unfit($"{result.Fault} {result.Detail}".TrimEnd(), offered.Own);
        }
        catch (WireFormatException malformed)
        {
            return Unfit(malformed.Message, offered.Own);
        }
    }

    private (KnownShare?, ShareVerdict) Unfit(string reason, bool own)
    {
        Instruments.SharesRefused.WithLabels(Network.Name).Inc();
        if (own) LogOwnRefused(_logger, Hash256.Zero, reason);
        return (null, new ShareVerdict(Hash256.Zero, ShareOutcome.Refused, 0, reason));
    }

    private ShareVerdict Settle(ActiveChain active, KnownShare known, Rules.ShareOutcome outcome)
    {
        switch (outcome.Verdict)
        {
            case Rules.ShareVerdict.Verified:
                Settle(known, null);
                return new ShareVerdict(outcome.Hash, ShareOutcome.Accepted, Store(active, known), null);
            case Rules.ShareVerdict.Held:
                Instruments.SharesUnconnected.WithLabels(Network.Name).Inc();
                return new ShareVerdict(outcome.Hash, ShareOutcome.Unconnected, Store(active, known), null);
            case Rules.ShareVerdict.AlreadyKnown when !active.Chain.IsVerified(outcome.Hash):
                return new ShareVerdict(outcome.Hash, ShareOutcome.Unconnected, _sequences.GetValueOrDefault(outcome.Hash), null);
            case Rules.ShareVerdict.AlreadyKnown:
                Instruments.SharesKnown.WithLabels(Network.Name).Inc();
                return new ShareVerdict(outcome.Hash, ShareOutcome.AlreadyKnown, _sequences.GetValueOrDefault(outcome.Hash), null);
            default:
                if (outcome.Refusal is { } refusal) Settle(known, refusal);
                else Instruments.SharesRefused.WithLabels(Network.Name).Inc();
                var reason = outcome.Refusal?.ToString() ?? "there is no room for it";
                return new ShareVerdict(outcome.Hash, ShareOutcome.Refused, 0, reason);
        }
    }

    // What is to be done once a share is judged, be it in the call that brought it or later.
    private void Settle(KnownShare known, ShareRefusal? refusal)
    {
        if (refusal is not null)
        {
            Instruments.SharesRefused.WithLabels(Network.Name).Inc();
            if (known.Own) LogOwnRefused(_logger, known.Share.Hash, refusal.Value.ToString());
            return;
        }

        Instruments.SharesAccepted.WithLabels(Network.Name, known.Own ? "yes" : "no").Inc();
        if (known.Own) Publish(known);
    }

    // The place in the order of storing, 0 for a share that is not stored.
    private long Store(ActiveChain active, KnownShare known)
    {
        var record = _format.Share(known);
        if (!active.Writer.Takes(record))
        {
            LogTooLong(_logger, known.Share.Hash, record.Length);
            return 0;
        }
        var sequence = ++_lastSequence;
        _sequences[known.Share.Hash] = sequence;
        active.Writer.Enqueue(sequence, known.Share.Hash, record);
        return sequence;
    }

    private void Publish(KnownShare known)
    {
        var info = known.Share.Share.Info;
        LogAccepted(_logger, known.Share.Hash, info.Address, info.AbsoluteHeight);
        _events?.Publish(new PoolEvent(PoolEventKind.ShareAccepted, _time.GetUtcNow(), known.Share.Hash, info.Address, info.AbsoluteHeight, null));
    }

    /// <summary>Acts on what a call to the chain brought about: relay first, store outside the turn.</summary>
    private void Adopt(ActiveChain active, ChainChange change)
    {
        Relay(active, change);
        UpdateWork(active);
        foreach (var settled in change.Settled) Settle(settled.Share, settled.Refusal);
        active.Heights.Want(change.UnknownBlocks);
        foreach (var share in change.Removed) _sequences.Remove(share.Share.Hash);
        active.Writer.Forget(change.Removed.Select(share => share.Share.Hash));
        // A chain that is fetched tells of old ones by the dozen.
        foreach (var block in change.SolvedBlocks.Where(IsRecent)) LogSolved(_logger, block.Share.Hash, block.Share.Share.Info.Address);
        Measure(active);
        if (change.IsUnfinished) VerifyFurther();
    }

    // In a turn of its own, behind the calls that wait already.
    private void VerifyFurther()
    {
        _further ??= this.RegisterGrainTimer(
            Evaluate, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        _further.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private Task Evaluate(CancellationToken cancellationToken)
    {
        if (_active is { } active) Adopt(active, active.Chain.Evaluate(_time.GetUtcNow()));
        return Task.CompletedTask;
    }

    private void Measure(ActiveChain active)
    {
        Instruments.ChainHeight.WithLabels(Network.Name).Set(active.Chain.Height);
        Instruments.ChainShares.WithLabels(Network.Name).Set(active.Chain.Count);
        Instruments.DurableLag.WithLabels(Network.Name).Set(_lastSequence - active.Writer.DurableThrough);
    }

    private void UpdateWork(ActiveChain active)
    {
        var now = _time.GetUtcNow();
        if (ReasonForNoWork(active, now) is { } reason)
        {
            TellClosed(active.Desk, reason, now);
            active.Desk.Close(reason);
            return;
        }

        var best = active.Chain.Best?.Share.Hash ?? Hash256.Zero;
        var wasClosed = active.Desk.Current is null;
        if (active.Desk.Offer(_template.Template!, best, now, active.Chain.BuildWork) is not { } work) return;
        if (wasClosed) LogWork(_logger, Network.Name, work.Work.Template.Height);
        Instruments.WorkAnnounced.WithLabels(Network.Name, work.Clean ? "yes" : "no").Inc();
        foreach (var observer in _gateways.Observers(now)) Tell(observer, work);
    }

    // At once when work ends, and now and then while it stays so.
    private void TellClosed(WorkDesk desk, string reason, DateTimeOffset now)
    {
        if (desk.Current is null && now - _closedToldAt < ClosedReminder) return;
        _closedToldAt = now;
        LogNoWork(_logger, Network.Name, reason);
    }

    private string? ReasonForNoWork(ActiveChain active, DateTimeOffset now)
    {
        if (ReasonToWait(active, now) is { } wait) return wait;
        if (_template.Template is null) return _template.Reason ?? "there is no block template";
        var age = now - _templateAt;
        return age > Templates.TemplateShelf.OldestTemplate ? $"nothing has been heard of block templates for {age.TotalSeconds:0} s" : null;
    }

    private void Tell(IGatewayObserver observer, WorkAnnouncement work)
    {
        try
        {
            // One way: it completes once the message is on its way.
            _ = observer.NewWork(work);
        }
#pragma warning disable CA1031 // News is a hint; a gateway that cannot be told asks by itself.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogNotTold(_logger, failure.Message);
        }
    }

    private void TakeTemplate(TemplateAnswer answer)
    {
        _template = answer;
        _templateAt = _time.GetUtcNow();
        if (_active is not { } active) return;
        if (answer.Template is { } template) active.Heights.Learn(template);
        UpdateWork(active);
    }

    // Interleaves with calls: a template grain that hangs must not stall the chain.
    private async Task PullTemplate(CancellationToken cancellationToken)
    {
        if (_active is { } loaded) MeasureSync(loaded, _time.GetUtcNow());
        var grain = GrainFactory.GetGrain<ITemplateGrain>(Network.Name);
        try
        {
            var newsBefore = _templateNews;
            var answer = await grain.Current().WaitAsync(PullPatience, cancellationToken);
            // What was told in the meantime is younger than the answer.
            if (newsBefore == _templateNews) TakeTemplate(answer);
            if (_active is { } active) await LearnHeights(active, grain, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoTemplate(_logger, failure.Message);
            if (_active is { } active) UpdateWork(active);
        }
    }

    private async Task LearnHeights(ActiveChain active, ITemplateGrain grain, CancellationToken cancellationToken)
    {
        var wanted = active.Heights.TakeWanted();
        if (wanted.Count == 0) return;
        var heights = await grain.Heights([.. wanted]).WaitAsync(PullPatience, cancellationToken);
        foreach (var (block, height) in heights) active.Heights.Learn(block, height);
        if (!heights.IsEmpty) Adopt(active, active.Chain.Evaluate(_time.GetUtcNow()));
    }

    private Task Prune(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        _gateways.RemoveExpired(now);
        Instruments.Gateways.WithLabels(Network.Name).Set(_gateways.Count);
        Instruments.Connections.WithLabels(Network.Name).Set(_gateways.Connections);
        if (_active is not { } active) return Task.CompletedTask;
        Adopt(active, active.Chain.Prune(now));
        MeasurePool(active, now);
        return Task.CompletedTask;
    }

    /// <summary>Loads the chain, however long the store takes to answer; until then there is neither work nor a place for shares.</summary>
    private async Task Load()
    {
        var pause = TimeSpan.FromSeconds(1);
        for (var told = false; _active is null; told = true)
        {
            try
            {
                var now = _time.GetUtcNow();
                // Off the grain's turns: it reads and checks thousands of shares.
                Begin(await Task.Run(() => LoadedChain.Load(Network, _store, _format, now, _stopping), _stopping));
                return;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever is in the way, there is no chain until it is gone.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _loading = $"the share chain cannot be loaded: {failure.Message}";
                if (!told) LogNotLoaded(_logger, Network.Name, failure.Message);
            }

            try
            {
                await Task.Delay(pause, _time, _stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestLoadPause ? pause * 2 : LongestLoadPause;
        }
    }

    private void Begin(LoadedChain loaded)
    {
        if (_stopping.IsCancellationRequested) return;
        foreach (var fault in loaded.Log.Faults) LogTorn(_logger, Network.Name, fault);
        LogLoaded(_logger, Network.Name, loaded.Chain.Count, loaded.Chain.Height, loaded.Log.Epoch);
        var settings = new SegmentWriterSettings();
        var writer = new SegmentWriter(_store, _format, loaded.Log, settings, _time, _logger);
        writer.Forget(loaded.Unneeded);
        writer.Start();
        var active = new ActiveChain(loaded.Log.Epoch, loaded.Chain, loaded.Heights, writer, new WorkDesk(loaded.Log.Epoch));
        _active = active;
        _snapshot = null;
        _relays.Begin(loaded.Chain);
        _requests.Replace(loaded.Missing);
        if (_template.Template is { } template) active.Heights.Learn(template);
        UpdateWork(active);
        Measure(active);
        _ = LeaveWhenReplaced(writer);
    }

    private async Task LeaveWhenReplaced(SegmentWriter writer)
    {
        var loss = await writer.Lost;
        LogReplaced(_logger, Network.Name, loss);
        DeactivateOnIdle();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Share of {Address} accepted at height {Height}: {Hash}")]
    private static partial void LogAccepted(ILogger logger, Hash256 hash, string address, uint height);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A share of ours was refused, its work is lost: {Hash}, {Reason}")]
    private static partial void LogOwnRefused(ILogger logger, Hash256 hash, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Share {Hash} is held but too long to be stored: {Length} bytes")]
    private static partial void LogTooLong(ILogger logger, Hash256 hash, int length);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No work is handed out on {Network}: {Reason}")]
    private static partial void LogNoWork(ILogger logger, string network, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Work is handed out on {Network}, for block {Height}")]
    private static partial void LogWork(ILogger logger, string network, uint height);

    [LoggerMessage(Level = LogLevel.Information, Message = "Share {Hash} of {Address} solves a block")]
    private static partial void LogSolved(ILogger logger, Hash256 hash, string address);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A gateway could not be told of new work: {Reason}")]
    private static partial void LogNotTold(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The template grain does not answer: {Reason}")]
    private static partial void LogNoTemplate(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The share chain of {Network} cannot be loaded and is tried again: {Reason}")]
    private static partial void LogNotLoaded(ILogger logger, string network, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The stored chain of {Network} is damaged; what is missing comes from peers and gateways: {Fault}")]
    private static partial void LogTorn(ILogger logger, string network, string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Share chain of {Network} loaded: {Shares} shares, height {Height}, epoch {Epoch}")]
    private static partial void LogLoaded(ILogger logger, string network, int shares, int height, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This activation of the share chain of {Network} writes no more ({Loss}) and makes way")]
    private static partial void LogReplaced(ILogger logger, string network, WriterLoss loss);
}
