using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>A block in the tree of all blocks known, good and bad.</summary>
public sealed class BlockNode
{
    private const int MedianSpan = 11;
    private readonly uint[] _earlierTimes;

    internal BlockNode(Hash256 hash, BlockHeader header, BlockNode? previous, int height, UInt256 chainWork, long order, uint[]? earlierTimes = null) =>
        (Hash, Header, Previous, Height, ChainWork, Order, _earlierTimes) = (hash, header, previous, height, chainWork, order, earlierTimes ?? []);

    /// <summary>Name of the block.</summary>
    public Hash256 Hash { get; }

    /// <summary>Its header.</summary>
    public BlockHeader Header { get; }

    /// <summary>The block before; null for the first.</summary>
    public BlockNode? Previous { get; }

    /// <summary>Blocks below it.</summary>
    public int Height { get; }

    /// <summary>Expected hashes spent on it and all before.</summary>
    public UInt256 ChainWork { get; }

    /// <summary>Its content; null while only the header is known.</summary>
    public Block? Block { get; internal set; }

    /// <summary>Whether it, or a block before it, breaks a rule.</summary>
    public bool IsInvalid { get; internal set; }

    /// <summary>Whether it was part of the active chain once, and so is valid to the last rule.</summary>
    public bool WasConnected { get; internal set; }

    // Of two tips with equal work the one known first is the tip.
    internal long Order { get; }

    // Coins it spent, to be given back when another branch wins.
    internal List<KeyValuePair<OutPoint, Coin>> Spent { get; } = [];

    internal bool IsComplete { get; set; }

    /// <summary>Median time of it and the ten before: the next block's time must be later.</summary>
    public uint MedianTime
    {
        get
        {
            List<uint> times = [];
            var node = this;
            for (; node is not null && times.Count < MedianSpan; node = node.Previous)
            {
                times.Add(node.Header.Timestamp);
                if (node.Previous is null) times.AddRange(node._earlierTimes.Take(MedianSpan - times.Count));
            }
            times.Sort();
            return times[times.Count / 2];
        }
    }
}
