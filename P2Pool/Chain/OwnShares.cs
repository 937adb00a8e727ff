using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Keeps count of our own shares, so that the next one can announce what was lost.</summary>
/// <remarks>
/// Shares in the best chain are counted by the chain's own sums. Here stand only the totals and what has left the best chain by age, which
/// still counts as being in it.
/// </remarks>
internal sealed class OwnShares
{
    // A share that was lost, or never kept, may be offered again; this many of our latest ones are known not to be new.
    private const int Remembered = 20_000;

    private readonly HashSet<Hash256> _known = [];
    private readonly Queue<Hash256> _order = new();
    private int _made;
    private int _madeDead;
    private ShareSums _leftByAge;

    /// <summary>A share that the chain does not hold; it need not be kept. Counted once.</summary>
    public void Count(KnownShare share)
    {
        if (!share.Own || !_known.Add(share.Share.Hash)) return;
        _order.Enqueue(share.Share.Hash);
        if (_order.Count > Remembered) _known.Remove(_order.Dequeue());
        _made++;
        if (share.Dead) _madeDead++;
    }

    /// <summary>A share of the best chain is forgotten because of its age.</summary>
    public void LeaveByAge(ShareNode node) => _leftByAge += node.OwnSums;

    /// <summary>The counts with this best share (none: null).</summary>
    public OwnShareCounts Counts(ShareNode? best)
    {
        var inChain = _leftByAge + (best?.SumsToTail ?? default);
        var dead = _madeDead - inChain.OwnDead;
        return new OwnShareCounts(
            _made, _made - inChain.Own - dead, dead, inChain.OwnOrphansAnnounced, inChain.OwnDeadAnnounced);
    }
}
