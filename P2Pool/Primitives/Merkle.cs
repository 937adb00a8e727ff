using System.Collections.Immutable;

namespace Grainpool.P2Pool.Primitives;

/// <summary>Merkle roots and branches as the parent chain builds them: an odd last element is paired with itself.</summary>
public static class Merkle
{
    /// <summary>Root of the tree over these leaves; zero for none, the leaf itself for one.</summary>
    public static Hash256 Root(ReadOnlySpan<Hash256> leaves)
    {
        if (leaves.IsEmpty) return Hash256.Zero;
        var level = leaves.ToArray();
        while (level.Length > 1) level = Above(level);
        return level[0];
    }

    /// <summary>What the leaf at place 0 needs to reach the root: one hash per level. The leaf itself may be a placeholder.</summary>
    public static ImmutableArray<Hash256> BranchOfFirst(ReadOnlySpan<Hash256> leaves)
    {
        var branch = ImmutableArray.CreateBuilder<Hash256>();
        // What stands above the first leaf follows from it, and is left out of every level.
        for (var level = leaves.ToArray(); level.Length > 1; level = Above(level, 1)) branch.Add(level[1]);
        return branch.ToImmutable();
    }

    /// <summary>The root reached from a leaf at place 0 along its branch.</summary>
    public static Hash256 Apply(Hash256 leaf, ReadOnlySpan<Hash256> branch)
    {
        foreach (var sibling in branch) leaf = Sha256.Node(leaf, sibling);
        return leaf;
    }

    private static Hash256[] Above(Hash256[] level, int first = 0)
    {
        var above = new Hash256[(level.Length + 1) / 2];
        for (var i = first; i < above.Length; i++)
            above[i] = Sha256.Node(level[2 * i], level[Math.Min(2 * i + 1, level.Length - 1)]);
        return above;
    }
}
