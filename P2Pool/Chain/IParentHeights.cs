using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>What is known of block heights of the parent chain: the clock, which nobody can forge, by which competing share chains are timed.</summary>
public interface IParentHeights
{
    /// <summary>The greatest height known, the tip's as a rule.</summary>
    int BestHeight { get; }

    /// <summary>Height of a block; null when the daemon has not answered for it yet.</summary>
    int? HeightOf(Hash256 block);
}
