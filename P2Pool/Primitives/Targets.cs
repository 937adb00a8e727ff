namespace Grainpool.P2Pool.Primitives;

/// <summary>Expected hashes, targets and difficulties, turned into one another.</summary>
public static class Targets
{
    // 0xffff0000 × 2^192 + 1, the numerator of "difficulty", to double precision.
    private static readonly double DifficultyNumerator = 0xffff0000 * Math.Pow(2, 192);

    /// <summary>Expected number of hashes for one at or below <paramref name="target"/>: 2^256 div (target + 1). Consensus.</summary>
    /// <remarks>Target 0 would give 2^256; it saturates at 2^256 − 1, which no sum of real work can tell from it.</remarks>
    public static UInt256 AverageAttempts(UInt256 target) =>
        target == UInt256.MaxValue ? UInt256.One : UInt256.DividePowerOf256(target + UInt256.One);

    /// <summary>The target that takes this many hashes on average, rounded as the legacy nodes round: local policy.</summary>
    public static UInt256 FromAttempts(double attempts)
    {
        var target = Math.Floor(Math.Pow(2, 256) / attempts - 1 + 0.5);
        return FromDouble(target);
    }

    /// <summary>"Bitcoin" difficulty of a target, for display and the web interface.</summary>
    public static double Difficulty(UInt256 target) => DifficultyNumerator / (target.ToDouble() + 1);

    /// <summary>The target of a "Bitcoin" difficulty: min(floor(numerator / difficulty − 1 + 0.5), 2^256 − 1); difficulty 0 gives 2^256 − 1.</summary>
    public static UInt256 FromDifficulty(double difficulty) => FromDouble(Math.Floor(DifficultyNumerator / difficulty - 1 + 0.5));

    // Doubles of 2^53 and above are whole numbers: mantissa and exponent give all the bits there are.
    private static UInt256 FromDouble(double value)
    {
        if (!(value > 0)) return UInt256.Zero;
        if (value >= Math.Pow(2, 256)) return UInt256.MaxValue;
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var exponent = (int)(bits >> 52 & 0x7ff) - 1075;
        UInt256 mantissa = bits & 0xfffffffffffff | 0x10000000000000;
        return exponent >= 0 ? mantissa << exponent : mantissa >> -exponent;
    }
}
