using System.Numerics;
using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>The permutation Keccak-f[1600] under SHA-3 (FIPS 202, section 3).</summary>
/// <remarks>
/// The state is 25 lanes of 64 bits; lane (x, y) of the standard is <c>state[x + 5 * y]</c>. This is the plain version
/// that any wider one has to equal.
/// </remarks>
internal static unsafe class Keccak
{
    /// <summary>Lanes of the state: 1600 bits.</summary>
    public const int Lanes = 25;

    /// <summary>Rounds of a permutation.</summary>
    public const int Rounds = 24;

    /// <summary>What iota mixes into lane 0, by round.</summary>
    // A property over constant data, not a static field: a fully optimised method must not check for a type initializer.
    public static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a,
        0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008a,
        0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
        0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800a, 0x800000008000000a, 0x8000000080008081,
        0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Permutes the state in place.</summary>
    /// <param name="state">Exactly <see cref="Lanes"/> lanes.</param>
    public static void Permute(Span<ulong> state)
    {
        if (state.Length != Lanes)
            throw new ArgumentException($"The state has {Lanes} lanes, not {state.Length}.", nameof(state));
        fixed (ulong* lanes = state)
            Permute(lanes);
    }

    /// <summary>Permutes a state in place.</summary>
    /// <param name="state"><see cref="Lanes"/> lanes.</param>
    // Safe: both buffers hold 25 lanes, and Round touches lanes 0..24 only. Two rounds a turn, there and back, spare a copy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Permute(ulong* state)
    {
        var constants = RoundConstants;
        var other = stackalloc ulong[Lanes];
        for (var round = 0; round < Rounds; round += 2)
        {
            Round(state, other, constants[round]);
            Round(other, state, constants[round + 1]);
        }
    }

    // One round: theta makes c and d; rho and pi rotate and move the lanes into a row b; chi and iota write the row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(ulong* from, ulong* to, ulong constant)
    {
        var c0 = from[0] ^ from[5] ^ from[10] ^ from[15] ^ from[20];
        var c1 = from[1] ^ from[6] ^ from[11] ^ from[16] ^ from[21];
        var c2 = from[2] ^ from[7] ^ from[12] ^ from[17] ^ from[22];
        var c3 = from[3] ^ from[8] ^ from[13] ^ from[18] ^ from[23];
        var c4 = from[4] ^ from[9] ^ from[14] ^ from[19] ^ from[24];
        var d0 = c4 ^ BitOperations.RotateLeft(c1, 1);
        var d1 = c0 ^ BitOperations.RotateLeft(c2, 1);
        var d2 = c1 ^ BitOperations.RotateLeft(c3, 1);
        var d3 = c2 ^ BitOperations.RotateLeft(c4, 1);
        var d4 = c3 ^ BitOperations.RotateLeft(c0, 1);

        var b0 = from[0] ^ d0;
        var b1 = BitOperations.RotateLeft(from[6] ^ d1, 44);
        var b2 = BitOperations.RotateLeft(from[12] ^ d2, 43);
        var b3 = BitOperations.RotateLeft(from[18] ^ d3, 21);
        var b4 = BitOperations.RotateLeft(from[24] ^ d4, 14);
        to[0] = b0 ^ (~b1 & b2) ^ constant;
        to[1] = b1 ^ (~b2 & b3);
        to[2] = b2 ^ (~b3 & b4);
        to[3] = b3 ^ (~b4 & b0);
        to[4] = b4 ^ (~b0 & b1);

        b0 = BitOperations.RotateLeft(from[3] ^ d3, 28);
        b1 = BitOperations.RotateLeft(from[9] ^ d4, 20);
        b2 = BitOperations.RotateLeft(from[10] ^ d0, 3);
        b3 = BitOperations.RotateLeft(from[16] ^ d1, 45);
        b4 = BitOperations.RotateLeft(from[22] ^ d2, 61);
        to[5] = b0 ^ (~b1 & b2);
        to[6] = b1 ^ (~b2 & b3);
        to[7] = b2 ^ (~b3 & b4);
        to[8] = b3 ^ (~b4 & b0);
        to[9] = b4 ^ (~b0 & b1);

        b0 = BitOperations.RotateLeft(from[1] ^ d1, 1);
        b1 = BitOperations.RotateLeft(from[7] ^ d2, 6);
        b2 = BitOperations.RotateLeft(from[13] ^ d3, 25);
        b3 = BitOperations.RotateLeft(from[19] ^ d4, 8);
        b4 = BitOperations.RotateLeft(from[20] ^ d0, 18);
        to[10] = b0 ^ (~b1 & b2);
        to[11] = b1 ^ (~b2 & b3);
        to[12] = b2 ^ (~b3 & b4);
        to[13] = b3 ^ (~b4 & b0);
        to[14] = b4 ^ (~b0 & b1);

        b0 = BitOperations.RotateLeft(from[4] ^ d4, 27);
        b1 = BitOperations.RotateLeft(from[5] ^ d0, 36);
        b2 = BitOperations.RotateLeft(from[11] ^ d1, 10);
        b3 = BitOperations.RotateLeft(from[17] ^ d2, 15);
        b4 = BitOperations.RotateLeft(from[23] ^ d3, 56);
        to[15] = b0 ^ (~b1 & b2);
        to[16] = b1 ^ (~b2 & b3);
        to[17] = b2 ^ (~b3 & b4);
        to[18] = b3 ^ (~b4 & b0);
        to[19] = b4 ^ (~b0 & b1);

        b0 = BitOperations.RotateLeft(from[2] ^ d2, 62);
        b1 = BitOperations.RotateLeft(from[8] ^ d3, 55);
        b2 = BitOperations.RotateLeft(from[14] ^ d4, 39);
        b3 = BitOperations.RotateLeft(from[15] ^ d0, 41);
        b4 = BitOperations.RotateLeft(from[21] ^ d1, 2);
        to[20] = b0 ^ (~b1 & b2);
        to[21] = b1 ^ (~b2 & b3);
        to[22] = b2 ^ (~b3 & b4);
        to[23] = b3 ^ (~b4 & b0);
        to[24] = b4 ^ (~b0 & b1);
    }
}
