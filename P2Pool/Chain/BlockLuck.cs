namespace Grainpool.P2Pool.Chain;

/// <summary>How many blocks a stretch of the chain found, and how many were to be expected.</summary>
/// <param name="Solved">Shares that solve the block they name.</param>
/// <param name="Expected">The mean number of those for the same work.</param>
public readonly record struct BlockLuck(int Solved, double Expected)
{
    /// <summary>Blocks found per block expected: 1 is average, more is luck; null when there was no work.</summary>
    public double? Ratio => Expected > 0 ? Solved / Expected : null;
}
