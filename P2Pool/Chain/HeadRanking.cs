using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>Ranks heads as the nodes of a network do, as far as <see cref="HeadPreference"/> says.</summary>
internal sealed class HeadRanking(HeadPreference preference)
{
    // The newest shares of a head do not count, so that a share cannot be pushed out by a single harder one.
    private const int SharesNotCounted = 5;

    /// <summary>What our own work is for; null while that is unknown, when every head another node sent is on another block.</summary>
    public CurrentBlock? CurrentBlock { get; set; }

    public HeadRank Of(ShareNode head)
    {
        var work = head.Ancestor(SharesNotCounted)?.Work ?? UInt256.Zero;
        var solves = head.Share.SolvesBlock;
        if (preference == HeadPreference.CurrentBlock)
            return new HeadRank(work, IsStale(head) ? -1 : solves ? 1 : 0, head.Known.SeenAt, head.Hash);
        return new HeadRank(
            solves ? UInt256.AddSaturating(work, head.Share.Attempts) : work, solves ? 1 : 0, head.Known.SeenAt, head.Hash);
    }

    // Our own shares and stored ones are spared, and so is the share that solved the very block we build on.
    private bool IsStale(ShareNode head) =>
        head.Known.From is not null
        && head.Hash != CurrentBlock?.Previous
        && (head.Share.FullHeader.PreviousBlock != CurrentBlock?.Previous || head.Share.FullHeader.Bits != CurrentBlock?.Bits);
}
