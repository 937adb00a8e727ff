namespace Grainpool.P2Pool.Primitives;

/// <summary>The four-byte form of a target ("bits"): exponent in the high byte, mantissa in the other three.</summary>
/// <remarks>
/// Unlike in the coin daemon there is no sign bit and no overflow check here, as in the legacy nodes.
/// Two of them are compared by their code, never by the target they denote.
/// </remarks>
/// <param name="Bits">The 32-bit code.</param>
public readonly record struct CompactTarget(uint Bits)
{
    /// <summary>The target denoted: mantissa × 256^(exponent − 3), bits below 1 lost; 2^256 − 1 when <see cref="IsBeyondAnyHash"/>.</summary>
    public UInt256 ToTarget()
    {
        if (IsBeyondAnyHash) return UInt256.MaxValue;
        var exponent = (int)(Bits >> 24);
        UInt256 mantissa = Bits & 0xffffff;
        return exponent < 3 ? mantissa >> (8 * (3 - exponent)) : mantissa << (8 * (exponent - 3));
    }

    /// <summary>Whether the target denoted is 2^256 or more: every hash meets it, and no attempt is needed.</summary>
    public bool IsBeyondAnyHash
    {
        get
        {
            var exponent = (int)(Bits >> 24);
            return exponent > 32 && (exponent > 34 ? Bits << 8 != 0 : (Bits & 0xffffff) >> (8 * (35 - exponent)) != 0);
        }
    }

    /// <summary>The largest code whose target is not above this one (always rounds down).</summary>
    public static CompactTarget FromTargetUpperBound(UInt256 target)
    {
        var length = (target.BitLength + 7) / 8;
        // A leading byte of 0x80 and above gets a zero before it, which costs one byte of precision.
        if (target.BitLength % 8 == 0 && length > 0) length++;
        var mantissa = length >= 3 ? target >> (8 * (length - 3)) : target << (8 * (3 - length));
        return new CompactTarget((uint)length << 24 | (uint)mantissa.ToUInt128Wrapping());
    }

    /// <summary>Expected number of hashes for one at or below the denoted target.</summary>
    /// <remarks>0 for a target that is beyond any hash, as in the legacy nodes, whose numbers have no end.</remarks>
    public UInt256 AverageAttempts => IsBeyondAnyHash ? UInt256.Zero : Targets.AverageAttempts(ToTarget());

    /// <summary>Eight hex digits, most significant first.</summary>
    public override string ToString() => Bits.ToString("x8");
}
