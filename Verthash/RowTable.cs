using System.Numerics;

namespace Grainpool.Verthash;

/// <summary>The table as a walk sees it: where it starts, and the constants that replace the division by the number of rows.</summary>
/// <remarks>
/// <para>For a divisor <c>d</c> known in advance and any 32-bit <c>x</c>:</para>
/// <code>
/// 64-bit words:  M = floor((2^64 - 1) / d) + 1,  f = M * x mod 2^64,          x mod d = floor(f * d / 2^64)
/// 32-bit lanes:  R = floor(2^(32+s) / d), s = floor(log2 d),  q = floor(x * R / 2^(32+s)) is the quotient or one less,
///                y = x - q * d,                                               x mod d = min(y, y - d) as unsigned
/// </code>
/// </remarks>
internal readonly unsafe struct RowTable
{
    /// <param name="start">First byte; the caller keeps the memory alive.</param>
    /// <param name="rowPositions">Places where a row can start; more than one, and odd, so never a power of two.</param>
    public RowTable(byte* start, uint rowPositions)
    {
        Start = start;
        RowPositions = rowPositions;
        var log = BitOperations.Log2(rowPositions);
        Reciprocal64 = (ulong.MaxValue / rowPositions) + 1;
        Reciprocal32 = (uint)((1UL << (32 + log)) / rowPositions);
        ReciprocalShift = 32 + log;
    }

    /// <summary>First byte of the table.</summary>
    public byte* Start { get; }

    /// <summary>The modulus of the walk.</summary>
    public uint RowPositions { get; }

    /// <summary><c>M</c> above.</summary>
    public ulong Reciprocal64 { get; }

    /// <summary><c>R</c> above: between 2^31 and 2^32.</summary>
    public uint Reciprocal32 { get; }

    /// <summary><c>32 + s</c> above.</summary>
    public int ReciprocalShift { get; }

    /// <summary><paramref name="value"/> modulo the number of rows.</summary>
    public uint PositionOf(uint value) => (uint)Math.BigMul(unchecked(Reciprocal64 * value), RowPositions, out _);
}
