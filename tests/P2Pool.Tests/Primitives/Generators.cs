using CsCheck;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Primitives;

internal static class Generators
{
    private static readonly ulong[] Edges = [0, 1, ulong.MaxValue, ulong.MaxValue - 1, 1UL << 63, (1UL << 63) - 1, uint.MaxValue, 1UL << 32];

    // Words at the edges come up often, so that carries and borrows run far.
    private static readonly Gen<ulong> Word = Gen.Frequency(
        (2, Gen.ULong),
        (1, Gen.Int[0, Edges.Length - 1].Select(i => Edges[i])));

    /// <summary>Numbers of every length.</summary>
    public static Gen<UInt256> UInt256 { get; } =
        Gen.Select(Word, Word, Word, Word, Gen.Int[0, 255], (high, upper, lower, low, shift) => new UInt256(high, upper, lower, low) >> shift);
}
