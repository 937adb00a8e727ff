using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>Block heights relative to the best one, as the golden data gives them.</summary>
internal sealed class FixedHeights(Func<Hash256, int?> relative) : IParentHeights
{
    public static FixedHeights AllAt(int relative) => new(_ => relative);

    public int BestHeight => 1_000_000;

    public int? HeightOf(Hash256 block) => BestHeight + relative(block);
}
