namespace Grainpool.P2Pool.Networks;

/// <summary>What makes one head better than another with as much work behind it. Policy, but nodes that choose otherwise orphan each other.</summary>
public enum HeadPreference
{
    /// <summary>One that solves a block, which also counts its own work.</summary>
    SolvedBlock,

    /// <summary>One found on the block we build on ourselves, or that solves a block. When the best head is another, its parent is built on.</summary>
    /// <remarks>
    /// The legacy nodes pass over a head for two more reasons, which are not looked at here: a block that would be too heavy, and more new transactions
    /// than a share may bring. Both can only be told with all bodies of its transactions, and those come with the relay of transactions, which is not there.
    /// Spec: sharechain 5.7, punish 3 and 4. Until then no node can be run on such a network (<see cref="KnownNetworks.Find"/>), and nothing tells the
    /// chain of the block we build on (<see cref="Chain.ShareChain.CurrentBlock"/>).
    /// </remarks>
    CurrentBlock,
}
