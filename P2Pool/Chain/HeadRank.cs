using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>By which the heads over one tail are ranked; the greatest is built on.</summary>
/// <param name="Work">Work up to the fifth share below the head; on some networks a block solution adds the head's own.</param>
/// <param name="Merit">1 for a head that solves the block it names, −1 for one that is not to be built on itself, 0 for others.</param>
/// <param name="SeenAt">Earlier is better.</param>
/// <param name="Hash">Decides what is left undecided.</param>
internal readonly record struct HeadRank(UInt256 Work, int Merit, DateTimeOffset SeenAt, Hash256 Hash) : IComparable<HeadRank>
{
    public int CompareTo(HeadRank other)
    {
        var order = Work.CompareTo(other.Work);
        if (order == 0) order = Merit.CompareTo(other.Merit);
        if (order == 0) order = other.SeenAt.CompareTo(SeenAt);
        return order == 0 ? Hash.CompareTo(other.Hash) : order;
    }
}
