using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>All shares of a forest whose lines end at the same hash beyond.</summary>
/// <param name="tail">That hash: a missing parent, or zero for chains held to their first share.</param>
internal sealed class ShareTree(Hash256 tail)
{
    public Hash256 Tail { get; set; } = tail;

    /// <summary>The oldest shares: children of the tail. They all stand at <see cref="FirstPosition"/>.</summary>
    public List<ShareNode> Roots { get; set; } = [];

    /// <summary>Shares without children.</summary>
    public HashSet<ShareNode> Heads { get; set; } = [];

    public int Size { get; set; }

    /// <summary>What to ask for, of a tree none of whose heads can be judged before more is there; null when that is not known.</summary>
    /// <remarks>Kept so that a flood of such shares is not gone through at each evaluation. Whoever changes the tree forgets it.</remarks>
    public MissingParent? WaitsFor { get; set; }

    public long FirstPosition { get; set; }

    /// <summary>Sums before the first position.</summary>
    public ShareSums SumsBelow { get; set; }
}
