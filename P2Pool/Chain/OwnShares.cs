using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Keeps count of our own shares, so that the next one can announce what was lost.</summary>
/// <remarks>
/// Shares in the best chain are counted by the chain's own sums. Here stand only the totals and what has left the best chain by age, which
/// still counts as being in it.
/// </remarks>
internal sealed class OwnShares
{
    private int _made;
    private int _madeDead;
    private ShareSums _leftByAge;

    /// <summary>A share that is new to the chain, kept or not.</summary>
    public void Count(KnownShare share)
    {
        if (!share.Own) return;
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
