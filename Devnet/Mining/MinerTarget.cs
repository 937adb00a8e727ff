using System.Numerics;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Mining;

/// <summary>Difficulties as Verthash miners read them.</summary>
public static class MinerTarget
{
    // 256 × 0xffff × 2^208: the factor 256 is Verthash's own, so that 1 is a difficulty a machine of today meets.
    private static readonly double Numerator = Math.ScaleB(0xffff, 216);

    /// <summary>A hash counts when it is not above this: numerator / difficulty in double arithmetic, at most 2^256 − 1.</summary>
    /// <param name="difficulty">Positive.</param>
    public static UInt256 OfDifficulty(double difficulty)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(difficulty);
        var target = Numerator / difficulty;
        return target >= Math.ScaleB(1, 256) ? UInt256.MaxValue : UInt256.FromBigInteger(new BigInteger(target));
    }
}
