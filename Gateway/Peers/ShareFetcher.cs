using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Peers;

/// <summary>Asks other nodes for shares the chain misses.</summary>
/// <remarks>
/// The chain says which, and gives each to one gateway at a time. A chain of shares can only be walked down link by link, so what runs side by
/// side is this: while one answer is hashed the next part is asked of another node, since the cheap look at an answer tells where to go on; a node
/// that is slow to answer is overtaken by a second one; and several missing chains are fetched from several nodes.
/// </remarks>
internal sealed partial class ShareFetcher(
    PeerSettings settings, NetworkParameters network, PeerHub hub, IPeerLink link, ShareIntake intake, TimeProvider time, ILogger<ShareFetcher> log)
    : BackgroundService
{
    private const int MostLines = 4;

    // Of what others announced: so many lines that are not the announcers'. One is enough to overtake a lone announcer that is slow.
    private const int MostStrangers = 1;
    private const int FailuresRemembered = 1024;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly ILogger _log = log;
    private readonly ConcurrentDictionary<Hash256, Task> _lines = new();
    private readonly ConcurrentDictionary<Hash256, Task> _announced = new();
    private readonly ConcurrentDictionary<Hash256, bool> _asking = new();
    private readonly ConcurrentDictionary<(PeerEndpoint, Hash256), bool> _inVain = new();
    private readonly ConcurrentDictionary<Hash256, (DateTimeOffset Until, TimeSpan Pause)> _pauses = new();
    private readonly SemaphoreSlim _answers = new(settings.AnswersAtOnce);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _answers.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await hub.Wanted.WaitAsync(Look, time, stoppingToken);
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    LogNoList(exception.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll([.. _lines.Values, .. _announced.Values]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        if (!hub.Peers.Any()) return;
        foreach (var peer in hub.Peers.Where(peer => !peer.Announced.IsZero && !peer.IsBusy).ToList())
        {
            if (await link.HasAsync(peer.Announced)) peer.Reached();
            else if (!IsOnItsWay(peer.Announced)) Begin(_announced, peer.Announced, async () =>
            {
                await AskForBestAsync(peer, cancellation);
                return true;
            });
        }
        var free = MostLines - _lines.Count;
        if (free <= 0) return;
        // What is offered while the chain answers is missing in its answer still.
        var inHand = intake.UnderWay();
        var wanted = await link.TakeWantedAsync(free);
        foreach (var share in wanted.Shares)
        {
            // What is being asked for or hashed is missing to the chain only until it is offered.
            if (IsOnItsWay(share.Hash) || inHand.Contains(share.Hash) || IsPaused(share.Hash)) continue;
            Begin(_lines, share.Hash, () => FetchAsync(share, wanted.Stops, cancellation));
        }
    }

    // Fetches; what nobody had is left alone for a while, the longer the more often it was asked for.
    private void Begin(ConcurrentDictionary<Hash256, Task> lines, Hash256 hash, Func<Task<bool>> fetch)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!lines.TryAdd(hash, done.Task)) return;
        _ = Run();

        async Task Run()
        {
            var isFruitful = false;
            try
            {
                isFruitful = await fetch();
            }
            catch (OperationCanceledException)
            {
                // The gateway stops.
            }
            catch (Exception exception)
            {
                LogFailed(exception, hash);
            }
            finally
            {
                if (isFruitful) _pauses.TryRemove(hash, out _);
                else Pause(hash);
                lines.TryRemove(hash, out _);
                done.SetResult();
                if (isFruitful) hub.Wanted.Set();
            }
        }
    }

    private bool IsOnItsWay(Hash256 share) => _asking.ContainsKey(share) || intake.IsUnderWay(share);

    private bool IsPaused(Hash256 hash) => _pauses.TryGetValue(hash, out var pause) && pause.Until > time.GetUtcNow();

    private void Pause(Hash256 hash)
    {
        if (_pauses.Count >= FailuresRemembered) _pauses.Clear();
        var pause = _pauses.TryGetValue(hash, out var last) ? last.Pause * 2 : Look;
        if (pause > LongestPause) pause = LongestPause;
        _pauses[hash] = (time.GetUtcNow() + pause, pause);
    }

    // What a node introduced itself with: it is known to have it, and whoever else introduced itself with the same.
    private async Task AskForBestAsync(PeerSession peer, CancellationToken cancellation)
    {
        var hash = peer.Announced;
        var answer = await AskAsync(hash, 0, [], peer.Endpoint, MostStrangers, cancellation);
        foreach (var other in hub.Peers.Where(other => other.Announced == hash && (answer is not null || other == peer || _inVain.ContainsKey((other.Endpoint, hash)))))
            other.Reached();
        if (answer is { } found) await intake.TakeAsync(found.Peer, found.Shares, cancellation);
    }

    // Down a line of shares, part by part, until it ends, or nobody has more, or no more is of use, or another line is there already. Whether it got any.
    private async Task<bool> FetchAsync(WantedShare wanted, ImmutableArray<Hash256> stops, CancellationToken cancellation)
    {
        var (next, left, preferred) = (wanted.Hash, wanted.MostUseful, wanted.From);
        var taken = new List<Task>();
        var known = stops.ToHashSet();
        while (left > 0 && !next.IsZero && !known.Contains(next) && !intake.IsUnderWay(next) && _asking.TryAdd(next, true))
        {
            var asked = next;
            // Not more at one time than can be hashed soon: the rest waits at the nodes that have it.
            await _answers.WaitAsync(cancellation);
            var isTaken = false;
            try
            {
                var part = await AskAsync(next, Math.Min(settings.Parents, left - 1), stops, preferred, int.MaxValue, cancellation);
                if (part is not { Shares.Count: > 0 } found) break;
                LogGot(found.Shares.Count, found.Peer.Endpoint);
                Instruments.PeerSharesFetched.Inc(found.Shares.Count);
                var lacking = await LackingAsync(found.Shares);
                isTaken = true;
                taken.Add(TakeAsync(found.Peer, lacking, cancellation));
                left -= found.Shares.Count;
                next = lacking.Count < found.Shares.Count ? Hash256.Zero : found.Shares[^1].PreviousShare;
                preferred = null;
            }
            finally
            {
                if (!isTaken) _answers.Release();
                _asking.TryRemove(asked, out _);
            }
        }
        await Task.WhenAll(taken);
        return taken.Count > 0;
    }

    // A line that comes down from a fork goes on along what is held here already: of that nothing need be hashed.
    private async Task<IReadOnlyList<CheckedShare>> LackingAsync(IReadOnlyList<CheckedShare> line)
    {
        for (var i = 1; i < line.Count; i++)
            if (intake.WasTaken(line[i].Hash)) return await IsHeldAsync(line[i].Hash) ? [.. line.Take(i)] : line;
        return line;
    }

    // While silos are away nothing is known to be held.
    private async Task<bool> IsHeldAsync(Hash256 share)
    {
        try
        {
            return await link.HasAsync(share);
        }
        catch (Exception exception)
        {
            LogNoList(exception.Message);
            return false;
        }
    }

    // Whoever calls it has one of the places for answers, which is free again when these are done with.
    private async Task TakeAsync(PeerSession peer, IReadOnlyList<CheckedShare> shares, CancellationToken cancellation)
    {
        try
        {
            await intake.TakeAsync(peer, shares, cancellation);
        }
        finally
        {
            _answers.Release();
        }
    }

    // The first good answer; a second node is asked when the first is slow, a third when both are. Of nodes that did not announce it so many strangers at most.
    private async Task<(PeerSession Peer, IReadOnlyList<CheckedShare> Shares)?> AskAsync(
        Hash256 hash, int parents, ImmutableArray<Hash256> stops, PeerEndpoint? preferred, int strangers, CancellationToken cancellation)
    {
        var tried = new HashSet<PeerSession>();
        var asked = new List<Task<(PeerSession Peer, IReadOnlyList<CheckedShare> Shares)?>>();
        while (true)
        {
            if (Choose(hash, tried, preferred, strangers > 0) is { } peer)
            {
                if (peer.Announced != hash) strangers--;
                tried.Add(peer);
                asked.Add(AskAsync(peer, hash, parents, stops, cancellation));
            }
            if (asked.Count == 0) return null;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var patience = Task.Delay(settings.Hedge, time, enough.Token);
            var first = await Task.WhenAny([.. asked, patience]);
            await enough.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            if (first is not Task<(PeerSession Peer, IReadOnlyList<CheckedShare> Shares)?> answered) continue;
            asked.Remove(answered);
            if (await answered is { } good) return good;
        }
    }

    private async Task<(PeerSession Peer, IReadOnlyList<CheckedShare> Shares)?> AskAsync(
        PeerSession peer, Hash256 hash, int parents, ImmutableArray<Hash256> stops, CancellationToken cancellation)
    {
        while (true)
        {
            var reply = await peer.RequestAsync(hash, parents, stops, cancellation);
            // Too long for one message: half of it.
            if (reply is { Result: ShareReplyResult.TooLong } && parents > 0)
            {
                parents /= 2;
                continue;
            }
            // One share is never too long: who says so wants nothing but our time.
            if (reply is { Result: ShareReplyResult.TooLong }) peer.Fault(PeerFault.WrongAnswer);
            if (reply is { Result: ShareReplyResult.Good } && Line(peer, hash, reply) is { Count: > 0 } shares) return (peer, shares);
            if (_inVain.Count >= FailuresRemembered) _inVain.Clear();
            _inVain[(peer.Endpoint, hash)] = true;
            return null;
        }
    }

    // The shares of an answer as far as they are what was asked for, each the parent of the one before.
    private List<CheckedShare>? Line(PeerSession peer, Hash256 hash, ShareReplyMessage reply)
    {
        var line = new List<CheckedShare>(reply.Shares.Length);
        var next = hash;
        foreach (var wrapped in reply.Shares)
        {
            if (network.FindShareVersion(wrapped.Type) is null && wrapped.Type < (ulong)network.ShareVersions[0].Number) continue;
            if (intake.Look(peer, wrapped) is not { } share) return null;
            if (share.Hash != next) break;
            line.Add(share);
            next = share.PreviousShare;
        }
        if (line.Count == 0 && reply.Shares.Length > 0) peer.Fault(PeerFault.WrongAnswer);
        return line;
    }

    // A node that is known to have it, else any that has nothing to do; one that failed for this share comes last.
    private PeerSession? Choose(Hash256 hash, HashSet<PeerSession> tried, PeerEndpoint? preferred, bool isForStrangers) =>
        hub.Peers.Where(peer => !tried.Contains(peer) && (isForStrangers || peer.Announced == hash))
            .OrderBy(peer => (_inVain.ContainsKey((peer.Endpoint, hash)), peer.IsBusy, peer.Endpoint != preferred && peer.Announced != hash, Random.Shared.Next()))
            .FirstOrDefault();

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} shares from {Endpoint}")]
    private partial void LogGot(int count, PeerEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "No silo says which shares are missing: {Reason}")]
    private partial void LogNoList(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Fetching share {Hash} failed")]
    private partial void LogFailed(Exception exception, Hash256 hash);
}
