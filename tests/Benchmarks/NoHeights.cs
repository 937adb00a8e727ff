using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Benchmarks;

/// <summary>Block heights where nobody looks at them.</summary>
internal sealed class NoHeights : IParentHeights
{
    public int BestHeight => 0;

    public int? HeightOf(Hash256 block) => 0;
}
