namespace Grainpool.P2Pool.Networks;

/// <summary>What makes one head better than another with as much work behind it. Policy, but nodes that choose otherwise orphan each other.</summary>
public enum HeadPreference
{
    /// <summary>One that solves a block, which also counts its own work.</summary>
    SolvedBlock,

    /// <summary>One found on the block we build on ourselves, or that solves a block. When the best head is another, its parent is built on.</summary>
    CurrentBlock,
}
