using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>By which the heads over one tail are ranked; the greatest is built on.</summary>
/// <param name="Work">Work up to the fifth share below the head; a block solution adds the head's own.</param>
/// <param name="SolvesBlock">Whether the head solves the block it names.</param>
/// <param name="SeenAt">Earlier is better.</param>
/// <param name="Hash">Decides what is left undecided.</param>
internal readonly record struct HeadRank(UInt256 Work, bool SolvesBlock, DateTimeOffset SeenAt, Hash256 Hash) : IComparable<HeadRank>
{
    // The newest shares of a head do not count, so that a share cannot be pushed out by a single harder one.
    private const int SharesNotCounted = 5;

    public static HeadRank Of(ShareNode head)
    {
        var counted = head.Ancestor(SharesNotCounted)?.Work ?? UInt256.Zero;
        var solves = head.Share.SolvesBlock;
        return new HeadRank(
            solves ? UInt256.AddSaturating(counted, head.Share.Attempts) : counted, solves, head.Known.SeenAt, head.Hash);
    }

    public int CompareTo(HeadRank other)
    {
        var order = Work.CompareTo(other.Work);
        if (order == 0) order = SolvesBlock.CompareTo(other.SolvesBlock);
        if (order == 0) order = other.SeenAt.CompareTo(SeenAt);
        return order == 0 ? Hash.CompareTo(other.Hash) : order;
    }
}
