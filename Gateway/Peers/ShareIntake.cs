using System.Collections.Concurrent;
using Grainpool.Gateway.Hashing;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Peers;

/// <summary>Shares of other nodes on their way to the chain: looked at, hashed when no miner waits, and offered.</summary>
/// <remarks>
/// The cheap checks come first; what a node sends unasked is left out by its session when it is known already, or too much. One call with shares of other
/// nodes is under way at a time, so that our own miners' shares wait for one such call at most.
/// </remarks>
internal sealed partial class ShareIntake(
    NetworkParameters network, PeerHub hub, IPeerLink link, BatchingHasher hashes, TimeProvider time, ILogger<ShareIntake> log) : IDisposable
{
    // Two such parts at one time keep all threads busy, and are less than may wait of one connection.
    private const int HashedAtOnce = 64;
    private const int PartsAtOnce = 2;
    private const int HashesRemembered = 50_000;

    private readonly ILogger _log = log;
    private readonly ShareCheck _check = new(network);
    private readonly RecentHashes _known = new(HashesRemembered);
    private readonly ConcurrentDictionary<Hash256, bool> _underWay = new();
    private readonly SemaphoreSlim _hashing = new(PartsAtOnce);
    private readonly SemaphoreSlim _offering = new(1);
    private long _epoch;

    /// <summary>Whether a share is on its way from a node to the chain.</summary>
    public bool IsUnderWay(Hash256 share) => _underWay.ContainsKey(share);

    /// <summary>All shares that are.</summary>
    public IReadOnlySet<Hash256> UnderWay() => _underWay.Keys.ToHashSet();

    /// <summary>Looks at a share without its proof of work.</summary>
    /// <returns>The share as it would be were that good; null when it is not even that, for which its sender answers.</returns>
    public CheckedShare? Look(PeerSession sender, WrappedShare wrapped)
    {
        var result = _check.Check(wrapped, UInt256.Zero);
        if (result.Fault is not { } fault)
        {
            if (result.Share is { } share) sender.Shares.Add(share.Hash);
            return result.Share;
        }
        if (fault.Consequence() == ShareFaultConsequence.Ban) sender.Fault(PeerFault.ShareTarget);
        if (fault.Consequence() == ShareFaultConsequence.Disconnect) sender.Fault(PeerFault.MalformedShare);
        return null;
    }

    /// <summary>Whether the chain took a share once; it may have forgotten it since.</summary>
    public bool WasTaken(Hash256 share) => _known.Contains(share);

    /// <summary>Takes shares that were looked at.</summary>
    /// <param name="sender">Who sent them.</param>
    /// <param name="shares">Newest first, or as they come.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task TakeAsync(PeerSession sender, IReadOnlyList<CheckedShare> shares, CancellationToken cancellation)
    {
        var mine = new List<CheckedShare>(shares.Count);
        try
        {
            foreach (var share in shares)
                if (_underWay.TryAdd(share.Hash, true)) mine.Add(share);
            foreach (var part in mine.Chunk(HashedAtOnce))
            {
                if (await HashAsync(sender, part, cancellation) is not { } offered) return;
                foreach (var batch in Batches(offered)) await OfferAsync(batch, cancellation);
            }
        }
        finally
        {
            foreach (var share in mine) _underWay.TryRemove(share.Hash, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hashing.Dispose();
        _offering.Dispose();
    }

    /// <summary>Shares as they may be offered in one call each.</summary>
    internal static IEnumerable<OfferedShare[]> Batches(IEnumerable<OfferedShare> shares)
    {
        var batch = new List<OfferedShare>(ShareBatch.MaxShares);
        var bytes = 0L;
        foreach (var share in shares)
        {
            bytes += share.WireBytes.Length;
            if (batch.Count > 0 && (batch.Count == ShareBatch.MaxShares || bytes > ShareBatch.MaxBytes))
            {
                yield return [.. batch];
                batch.Clear();
                bytes = share.WireBytes.Length;
            }
            batch.Add(share);
        }
        if (batch.Count > 0) yield return [.. batch];
    }

    // Null when one was wrong, or there was no room to hash them.
    private async Task<OfferedShare[]?> HashAsync(PeerSession sender, CheckedShare[] shares, CancellationToken cancellation)
    {
        await _hashing.WaitAsync(cancellation);
        UInt256?[] works;
        try
        {
            works = await Task.WhenAll(shares.Select(share => hashes.HashPatientlyAsync(share.FullHeader, sender, cancellation)));
        }
        finally
        {
            _hashing.Release();
        }
        Instruments.PeerSharesHashed.Inc(shares.Length);
        var offered = new OfferedShare[shares.Length];
        for (var i = 0; i < shares.Length; i++)
        {
            if (works[i] is not { } work)
            {
                Instruments.PeerSharesDropped.Inc(shares.Length);
                return null;
            }
            if (work > shares[i].Target)
            {
                sender.Fault(PeerFault.ShareWork);
                return null;
            }
            offered[i] = new OfferedShare(shares[i].WireBytes, work, time.GetUtcNow(), Own: false, Dead: false) { From = sender.Endpoint };
        }
        return offered;
    }

    private async Task OfferAsync(OfferedShare[] batch, CancellationToken cancellation)
    {
        await _offering.WaitAsync(cancellation);
        try
        {
            var answer = await link.AddAsync(batch);
            if (answer.Epoch != _epoch)
            {
                // A new activation may not know what the one before had in memory.
                _epoch = answer.Epoch;
                _known.Clear();
            }
            foreach (var verdict in answer.Verdicts)
            {
                if (verdict.Outcome != ShareOutcome.Refused) _known.Add(verdict.Hash);
                Instruments.PeerShares.WithLabels(verdict.Outcome.ToString()).Inc();
            }
            foreach (var origin in answer.BadOrigins) hub.Find(origin)?.Fault(PeerFault.ShareRefused);
            if (answer.WantsShares) hub.Wanted.Set();
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // They come again: other nodes push or are asked.
            LogNotOffered(batch.Length, exception.Message);
        }
        finally
        {
            _offering.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} shares of other nodes could not be offered to the chain: {Reason}")]
    private partial void LogNotOffered(int count, string reason);
}
