using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>By which chains with different tails are ranked: a long one beats any short one, then the greater hash rate wins.</summary>
/// <param name="Height">Verified shares, at most the chain length.</param>
/// <param name="Work">Work of a long chain back to where the scoring ends; zero for a short chain.</param>
/// <param name="Blocks">Parent-chain blocks since then, at least 1; 0 for a short chain, which has no rate.</param>
internal readonly record struct ChainScore(int Height, UInt256 Work, int Blocks) : IComparable<ChainScore>
{
    /// <summary>Seconds a block counts for. Fixed whatever the network.</summary>
    public const int SecondsPerBlock = 150;

    /// <summary>Hashes per second since the scoring ended; none for a short chain.</summary>
    public double? Rate => Blocks == 0 ? null : Work.ToDouble() / ((double)Blocks * SecondsPerBlock);

    /// <inheritdoc/>
    /// <remarks>Rates are compared as exact fractions; the legacy nodes divide in floating point, which differs only in ties.</remarks>
    public int CompareTo(ChainScore other)
    {
        if (Height != other.Height) return Height.CompareTo(other.Height);
        return (Work.ToBigInteger() * other.Blocks).CompareTo(other.Work.ToBigInteger() * Blocks);
    }
}
