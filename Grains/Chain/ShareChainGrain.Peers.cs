using System.Collections.Immutable;
using System.Globalization;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Peers;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Chain;

/// <content>What other nodes are told and asked, and whether enough of their chain is here.</content>
internal sealed partial class ShareChainGrain
{
    // One request answers that many shares besides those it names; the rest of a request is cut off.
    private const int MostHashesOfRequest = ShareChain.MostParentsOfRequest;

    private static readonly TimeSpan BlockToldAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProgressTold = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PeerlessPatience = TimeSpan.FromSeconds(60);

    // A node that says it has a share and does not give it must not keep us from working for ever, however often it comes again.
    private static readonly TimeSpan BehindPatience = TimeSpan.FromSeconds(30);

    private readonly GatewayPeers _peers = new();
    private readonly ShareRequests _requests = new();
    private readonly ShareRelays _relays = new();
    private readonly BestHeader _bestHeader = new();
    private SyncGauge? _sync;
    private DateTimeOffset _activatedAt;
    private DateTimeOffset? _peersSeenAt;
    private DateTimeOffset? _enoughSince;
    private DateTimeOffset _progressToldAt;

    private int FullChain => (2 * Network.ChainLength) + 1;

    private SyncGauge Sync => _sync ??= new SyncGauge(FullChain);

    public Task<PeerRenewalAnswer> RenewPeers(PeerRenewal renewal)
    {
        var now = _time.GetUtcNow();
        _peers.Renew(renewal, now);
        if (_peers.Count > 0) _peersSeenAt = now;
        if (_active is not { } active) return Task.FromResult(new PeerRenewalAnswer(0, Hash256.Zero, false));
        UpdateWork(active);
        return Task.FromResult(new PeerRenewalAnswer(active.Epoch, active.Chain.Best?.Share.Hash ?? Hash256.Zero, _requests.Any));
    }

    public Task<WantedShares> TakeWanted(string gateway, int most)
    {
        if (_active is not { } active || most <= 0 || !_requests.Any) return Task.FromResult(new WantedShares([], []));
        // Two chain lengths are a full chain; beyond what is missing of them nothing is worth fetching.
        var useful = Math.Max(ShareRelays.MostAtOnce, FullChain + ShareChain.MostParentsOfRequest - active.Chain.Height);
        var taken = _requests.Take(gateway, most, _ => useful, _time.GetUtcNow());
        return Task.FromResult(new WantedShares(taken, taken.IsEmpty ? [] : active.Chain.RequestStops()));
    }

    public Task<ImmutableArray<ImmutableArray<byte>>> AnswerRequest(ImmutableArray<Hash256> hashes, ulong parents, ImmutableArray<Hash256> stops)
    {
        if (_active is not { } active || hashes.IsEmpty) return Task.FromResult(ImmutableArray<ImmutableArray<byte>>.Empty);
        var asked = hashes.AsSpan(0, Math.Min(hashes.Length, MostHashesOfRequest));
        // Shared out among all that were named, also those that are cut off.
        parents = Math.Min(parents, (ulong)(ShareChain.MostParentsOfRequest / hashes.Length));
        ImmutableArray<ImmutableArray<byte>> answer =
            [.. active.Chain.Answer(asked, parents, stops.ToHashSet()).Select(share => share.WireBytes)];
        return Task.FromResult(answer);
    }

    public Task BestBlock(BlockRelay block)
    {
        if (block.Header.Length != BlockHeader.Size || _template.Template is not { } template) return Task.CompletedTask;
        var reader = new ByteReader(block.Header.AsSpan());
        if (_bestHeader.Adopt(BlockHeader.Read(ref reader), template.PreviousBlock, template.Bits)) TellPeers(observer => observer.BestBlock(block));
        return Task.CompletedTask;
    }

    // First of all that follows from a change: other nodes are to hear of it within milliseconds.
    private void Relay(ActiveChain active, ChainChange change)
    {
        _relays.Forget(change.Removed);
        // Until the evaluation is done the list is cut short: what was wanted before still is.
        if (!change.IsUnfinished) _requests.Replace(change.MissingParents);
        if (change.NewBest is { } best) TellShares(active, _relays.Take(active.Chain, best.Share.Hash));
        foreach (var block in change.SolvedBlocks)
        {
            if (!IsRecent(block)) continue;
            TellShares(active, _relays.Take(active.Chain, block.Share.Hash));
            // Once more: what a node has not heard of yet it may ask for, and a block is worth it.
            var hash = block.Share.Hash;
            IGrainTimer? again = null;
            again = this.RegisterGrainTimer(
                _ =>
                {
                    if (_active is { } still) TellShares(still, ShareRelays.Again(still.Chain, hash));
                    again?.Dispose();
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions(BlockToldAgain, Timeout.InfiniteTimeSpan));
        }
        if (!change.BadOrigins.IsEmpty)
        {
            LogBadOrigins(_logger, string.Join(", ", change.BadOrigins));
            TellPeers(observer => observer.BadOrigins(change.BadOrigins));
        }
    }

    // On the tip, or a few blocks below it. A chain that is being fetched solves old blocks.
    private bool IsRecent(KnownShare block) =>
        _template.Template is { } template
        && (block.Share.FullHeader.PreviousBlock == template.PreviousBlock || block.Share.Hash == template.PreviousBlock
            || (_active?.Heights.HeightOf(block.Share.FullHeader.PreviousBlock) is { } height && height > template.Height - 1 - 5));

    private void TellShares(ActiveChain active, ImmutableArray<RelayedShare> shares)
    {
        if (shares.IsEmpty) return;
        var relay = new ShareRelay(active.Chain.Best?.Share.Hash ?? Hash256.Zero, shares);
        TellPeers(observer => observer.NewShares(relay));
    }

    private void TellPeers(Func<IPeerObserver, Task> tell)
    {
        foreach (var observer in _peers.Observers(_time.GetUtcNow()))
        {
            try
            {
                // One way: it completes once the message is on its way.
                _ = tell(observer);
            }
#pragma warning disable CA1031 // News is a hint; nodes that miss it ask.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogPeersNotTold(_logger, failure.Message);
            }
        }
    }

    // Null when there is enough of the network's chain to work with, or nobody need wait for it.
    private string? ReasonToWait(ActiveChain active, DateTimeOffset now)
    {
        // Who need not wait fetches what others have all the same, and is told when it is here.
        NoteSync(active, now);
        if (_settings.Solo) return null;
        if (!Network.Persist && (_settings.SyncTimeout == TimeSpan.Zero || now - _activatedAt >= _settings.SyncTimeout)) return null;
        if (_peersSeenAt is not { } seen || (_peers.Count == 0 && now - seen >= PeerlessPatience))
            return $"waiting for peers of the network {Network.Name}: none is connected; {WithoutThem(now)}";
        if (Sync.IsSynced) return active.Chain.Best is null ? $"the share chain of {Network.Name} has no best share yet" : null;
        if (active.Chain.Count == 0 && !IsFetching(now)) return $"no node connected has a share chain of {Network.Name}; {WithoutThem(now)}";
        var progress = Sync.Tell(active.Chain.Count);
        return $"fetching the share chain of {Network.Name}: {progress.Percent:0.0} %, {progress.Shares} shares";
    }

    private string WithoutThem(DateTimeOffset now) => Network.Persist
        ? "set pool.solo to start a chain of your own"
        : string.Create(CultureInfo.InvariantCulture, $"work begins without them in {(_settings.SyncTimeout - (now - _activatedAt)).TotalSeconds:0} s");

    private bool IsFetching(DateTimeOffset now) => _requests.IsFetching || (_peers.IsBehind && !IsTiredOfWaiting(now));

    private bool IsTiredOfWaiting(DateTimeOffset now) => now - _enoughSince >= BehindPatience;

    private bool IsEnough(ActiveChain active, DateTimeOffset now)
    {
        _enoughSince = HasEnough(active) ? _enoughSince ?? now : null;
        return _enoughSince is not null && (!_peers.IsBehind || IsTiredOfWaiting(now));
    }

    private bool HasEnough(ActiveChain active) =>
        active.Chain.Best is { } best && _peers.Count > 0
        && !_requests.IsFetchingNewerThan(best.Share.Share.Info.Timestamp)
        && (active.Chain.Height > Network.ChainLength || !_requests.IsFetching);

    private void NoteSync(ActiveChain active, DateTimeOffset now)
    {
        if (Sync.IsComplete || !(Sync.IsSynced || IsEnough(active, now))) return;
        if (active.Chain.Height >= FullChain || !IsFetching(now))
        {
            Sync.Complete();
            LogComplete(_logger, Network.Name, active.Chain.Count, active.Chain.Height);
        }
        else if (!Sync.IsSynced)
        {
            Sync.Finish();
            LogSynced(_logger, Network.Name, active.Chain.Count, active.Chain.Height);
        }
    }

    // Every second.
    private void MeasureSync(ActiveChain active, DateTimeOffset now)
    {
        _peers.RemoveExpired(now);
        NoteSync(active, now);
        Sync.Measure(active.Chain.Count, active.Chain.NewestHeight, now);
        var progress = Sync.Tell(active.Chain.Count);
        Instruments.PeersConnected.WithLabels(Network.Name, "in").Set(_peers.Incoming);
        Instruments.PeersConnected.WithLabels(Network.Name, "out").Set(_peers.Outgoing);
        Instruments.SyncPercent.WithLabels(Network.Name).Set(progress.Percent);
        Instruments.SyncRate.WithLabels(Network.Name).Set(progress.IsComplete ? 0 : progress.SharesPerSecond);
        Instruments.SyncSecondsLeft.WithLabels(Network.Name).Set(progress.IsComplete ? 0 : progress.TimeLeft?.TotalSeconds ?? double.NaN);
        Instruments.SharesWanted.WithLabels(Network.Name).Set(_requests.Count);
        if (progress.IsComplete || _peers.Count == 0 || !IsFetching(now) || now - _progressToldAt < ProgressTold) return;
        _progressToldAt = now;
        LogProgress(
            _logger, Network.Name, progress.Percent, progress.Shares, progress.Goal, progress.SharesPerSecond,
            progress.TimeLeft is { } left ? string.Create(CultureInfo.InvariantCulture, $"{left:hh\\:mm\\:ss} left") : "time left unknown");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching the share chain of {Network}: {Percent:0.0} %, {Shares} of {Goal} shares, {Rate:0} a second, {Left}")]
    private static partial void LogProgress(ILogger logger, string network, double percent, int shares, int goal, double rate, string left);

    [LoggerMessage(Level = LogLevel.Information, Message = "Enough of the share chain of {Network} is here to work with, the rest follows: {Shares} shares, height {Height}")]
    private static partial void LogSynced(ILogger logger, string network, int shares, int height);

    [LoggerMessage(Level = LogLevel.Information, Message = "The share chain of {Network} is here: {Shares} shares, height {Height}")]
    private static partial void LogComplete(ILogger logger, string network, int shares, int height);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nodes sent shares against the rules: {Origins}")]
    private static partial void LogBadOrigins(ILogger logger, string origins);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A gateway could not be told what other nodes are to hear: {Reason}")]
    private static partial void LogPeersNotTold(ILogger logger, string reason);
}
