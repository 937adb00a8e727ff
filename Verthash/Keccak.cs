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

    /// <summary>Words that are kept for each state: its lanes, and twice as many to work in.</summary>
    public const int Room = 3 * Lanes;

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

    /// <summary>Permutes a state in place.</summary>
    /// <param name="state">The first of <see cref="Room"/> words, of which the first <see cref="Lanes"/> are the state.</param>
    // Safe: a round reads 25 lanes and writes as many, here or in the room behind. Two rounds a turn, there and back, spare a copy.
    // Both halves of the room are addressed from one pointer, so that the processor sees at once which load takes what was just stored.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Permute(ulong* state)
    {
        var constants = RoundConstants;
        var c0 = state[0] ^ state[5] ^ state[10] ^ state[15] ^ state[20];
        var c1 = state[1] ^ state[6] ^ state[11] ^ state[16] ^ state[21];
        var c2 = state[2] ^ state[7] ^ state[12] ^ state[17] ^ state[22];
        var c3 = state[3] ^ state[8] ^ state[13] ^ state[18] ^ state[23];
        var c4 = state[4] ^ state[9] ^ state[14] ^ state[19] ^ state[24];
        for (var round = 0; round < Rounds; round += 2)
        {
            Round(state, state + Lanes, constants[round], ref c0, ref c1, ref c2, ref c3, ref c4);
            Round(state + Lanes, state, constants[round + 1], ref c0, ref c1, ref c2, ref c3, ref c4);
        }
    }

    /// <summary>Permutes a state beside itself, as far as a digest of four lanes wants it.</summary>
    /// <param name="state">As above. The lanes stay; the four lanes of the digest are written after them.</param>
    // Safe: as above, with two such parts of room.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Digest(ulong* state)
    {
        var constants = RoundConstants;
        var c0 = state[0] ^ state[5] ^ state[10] ^ state[15] ^ state[20];
        var c1 = state[1] ^ state[6] ^ state[11] ^ state[16] ^ state[21];
        var c2 = state[2] ^ state[7] ^ state[12] ^ state[17] ^ state[22];
        var c3 = state[3] ^ state[8] ^ state[13] ^ state[18] ^ state[23];
        var c4 = state[4] ^ state[9] ^ state[14] ^ state[19] ^ state[24];
        Round(state, state + Lanes, constants[0], ref c0, ref c1, ref c2, ref c3, ref c4);
        for (var round = 1; round < Rounds - 1; round += 2)
        {
            Round(state + Lanes, state + (2 * Lanes), constants[round], ref c0, ref c1, ref c2, ref c3, ref c4);
            Round(state + (2 * Lanes), state + Lanes, constants[round + 1], ref c0, ref c1, ref c2, ref c3, ref c4);
        }
        LastRound(state + Lanes, state + Lanes, constants[Rounds - 1], c0, c1, c2, c3, c4);
    }

    // One round: theta makes d of the parities c; rho and pi rotate and move the lanes into a row b; chi and iota write the row, whose
    // lanes go into the parities of the next round while they are at hand.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ulong* from, ulong* to, ulong constant,
        ref ulong c0, ref ulong c1, ref ulong c2, ref ulong c3, ref ulong c4)
    {
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
        c0 = b0 ^ (~b1 & b2) ^ constant;
        to[0] = c0;
        c1 = b1 ^ (~b2 & b3);
        to[1] = c1;
        c2 = b2 ^ (~b3 & b4);
        to[2] = c2;
        c3 = b3 ^ (~b4 & b0);
        to[3] = c3;
        c4 = b4 ^ (~b0 & b1);
        to[4] = c4;

        b0 = BitOperations.RotateLeft(from[3] ^ d3, 28);
        b1 = BitOperations.RotateLeft(from[9] ^ d4, 20);
        b2 = BitOperations.RotateLeft(from[10] ^ d0, 3);
        b3 = BitOperations.RotateLeft(from[16] ^ d1, 45);
        b4 = BitOperations.RotateLeft(from[22] ^ d2, 61);
        var lane = b0 ^ (~b1 & b2);
        to[5] = lane;
        c0 ^= lane;
        lane = b1 ^ (~b2 & b3);
        to[6] = lane;
        c1 ^= lane;
        lane = b2 ^ (~b3 & b4);
        to[7] = lane;
        c2 ^= lane;
        lane = b3 ^ (~b4 & b0);
        to[8] = lane;
        c3 ^= lane;
        lane = b4 ^ (~b0 & b1);
        to[9] = lane;
        c4 ^= lane;

        b0 = BitOperations.RotateLeft(from[1] ^ d1, 1);
        b1 = BitOperations.RotateLeft(from[7] ^ d2, 6);
        b2 = BitOperations.RotateLeft(from[13] ^ d3, 25);
        b3 = BitOperations.RotateLeft(from[19] ^ d4, 8);
        b4 = BitOperations.RotateLeft(from[20] ^ d0, 18);
        lane = b0 ^ (~b1 & b2);
        to[10] = lane;
        c0 ^= lane;
        lane = b1 ^ (~b2 & b3);
        to[11] = lane;
        c1 ^= lane;
        lane = b2 ^ (~b3 & b4);
        to[12] = lane;
        c2 ^= lane;
        lane = b3 ^ (~b4 & b0);
        to[13] = lane;
        c3 ^= lane;
        lane = b4 ^ (~b0 & b1);
        to[14] = lane;
        c4 ^= lane;

        b0 = BitOperations.RotateLeft(from[4] ^ d4, 27);
        b1 = BitOperations.RotateLeft(from[5] ^ d0, 36);
        b2 = BitOperations.RotateLeft(from[11] ^ d1, 10);
        b3 = BitOperations.RotateLeft(from[17] ^ d2, 15);
        b4 = BitOperations.RotateLeft(from[23] ^ d3, 56);
        lane = b0 ^ (~b1 & b2);
        to[15] = lane;
        c0 ^= lane;
        lane = b1 ^ (~b2 & b3);
        to[16] = lane;
        c1 ^= lane;
        lane = b2 ^ (~b3 & b4);
        to[17] = lane;
        c2 ^= lane;
        lane = b3 ^ (~b4 & b0);
        to[18] = lane;
        c3 ^= lane;
        lane = b4 ^ (~b0 & b1);
        to[19] = lane;
        c4 ^= lane;

        b0 = BitOperations.RotateLeft(from[2] ^ d2, 62);
        b1 = BitOperations.RotateLeft(from[8] ^ d3, 55);
        b2 = BitOperations.RotateLeft(from[14] ^ d4, 39);
        b3 = BitOperations.RotateLeft(from[15] ^ d0, 41);
        b4 = BitOperations.RotateLeft(from[21] ^ d1, 2);
        lane = b0 ^ (~b1 & b2);
        to[20] = lane;
        c0 ^= lane;
        lane = b1 ^ (~b2 & b3);
        to[21] = lane;
        c1 ^= lane;
        lane = b2 ^ (~b3 & b4);
        to[22] = lane;
        c2 ^= lane;
        lane = b3 ^ (~b4 & b0);
        to[23] = lane;
        c3 ^= lane;
        lane = b4 ^ (~b0 & b1);
        to[24] = lane;
        c4 ^= lane;
    }

    // As much of a round as the first four lanes want.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LastRound(
        ulong* from, ulong* to, ulong constant,
        ulong c0, ulong c1, ulong c2, ulong c3, ulong c4)
    {
        var b0 = from[0] ^ c4 ^ BitOperations.RotateLeft(c1, 1);
        var b1 = BitOperations.RotateLeft(from[6] ^ c0 ^ BitOperations.RotateLeft(c2, 1), 44);
        var b2 = BitOperations.RotateLeft(from[12] ^ c1 ^ BitOperations.RotateLeft(c3, 1), 43);
        var b3 = BitOperations.RotateLeft(from[18] ^ c2 ^ BitOperations.RotateLeft(c4, 1), 21);
        var b4 = BitOperations.RotateLeft(from[24] ^ c3 ^ BitOperations.RotateLeft(c0, 1), 14);
        to[0] = b0 ^ (~b1 & b2) ^ constant;
        to[1] = b1 ^ (~b2 & b3);
        to[2] = b2 ^ (~b3 & b4);
        to[3] = b3 ^ (~b4 & b0);
    }
}
