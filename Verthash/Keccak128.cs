using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Grainpool.Verthash;

/// <summary>Two permutations Keccak-f[1600] at once with 128-bit vectors: SSE2 or AdvSimd; each equals <see cref="Keccak.Permute"/>, whose shape this has.</summary>
internal static unsafe class Keccak128
{
    /// <summary>States at once.</summary>
    public const int States = 2;

    // Of the states, side by side.
    private const int Words = Keccak.Lanes * States;

    /// <summary>Permutes two states in place.</summary>
    /// <param name="state">Lane 0 of the two states, then lane 1, and so on: the first of <see cref="Keccak.Room"/> words for each state.</param>
    // Safe: as there.
    // Both halves of the room are addressed from one pointer, so that the processor sees at once which load takes what was just stored.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Permute(ulong* state)
    {
        var constants = Keccak.RoundConstants;
        var c0 = Vector128.Load(state + 0) ^ Vector128.Load(state + 10) ^ Vector128.Load(state + 20) ^ Vector128.Load(state + 30) ^ Vector128.Load(state + 40);
        var c1 = Vector128.Load(state + 2) ^ Vector128.Load(state + 12) ^ Vector128.Load(state + 22) ^ Vector128.Load(state + 32) ^ Vector128.Load(state + 42);
        var c2 = Vector128.Load(state + 4) ^ Vector128.Load(state + 14) ^ Vector128.Load(state + 24) ^ Vector128.Load(state + 34) ^ Vector128.Load(state + 44);
        var c3 = Vector128.Load(state + 6) ^ Vector128.Load(state + 16) ^ Vector128.Load(state + 26) ^ Vector128.Load(state + 36) ^ Vector128.Load(state + 46);
        var c4 = Vector128.Load(state + 8) ^ Vector128.Load(state + 18) ^ Vector128.Load(state + 28) ^ Vector128.Load(state + 38) ^ Vector128.Load(state + 48);
        for (var round = 0; round < Keccak.Rounds; round += 2)
        {
            Round(state, state + Words, constants[round], ref c0, ref c1, ref c2, ref c3, ref c4);
            Round(state + Words, state, constants[round + 1], ref c0, ref c1, ref c2, ref c3, ref c4);
        }
    }

    /// <summary>Permutes the states beside themselves, as far as a digest of four lanes wants it.</summary>
    /// <param name="state">As above. The states stay; four lanes of each are written after them.</param>
    // Safe: as above, with two such parts of room.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Digest(ulong* state)
    {
        var constants = Keccak.RoundConstants;
        var c0 = Vector128.Load(state + 0) ^ Vector128.Load(state + 10) ^ Vector128.Load(state + 20) ^ Vector128.Load(state + 30) ^ Vector128.Load(state + 40);
        var c1 = Vector128.Load(state + 2) ^ Vector128.Load(state + 12) ^ Vector128.Load(state + 22) ^ Vector128.Load(state + 32) ^ Vector128.Load(state + 42);
        var c2 = Vector128.Load(state + 4) ^ Vector128.Load(state + 14) ^ Vector128.Load(state + 24) ^ Vector128.Load(state + 34) ^ Vector128.Load(state + 44);
        var c3 = Vector128.Load(state + 6) ^ Vector128.Load(state + 16) ^ Vector128.Load(state + 26) ^ Vector128.Load(state + 36) ^ Vector128.Load(state + 46);
        var c4 = Vector128.Load(state + 8) ^ Vector128.Load(state + 18) ^ Vector128.Load(state + 28) ^ Vector128.Load(state + 38) ^ Vector128.Load(state + 48);
        Round(state, state + Words, constants[0], ref c0, ref c1, ref c2, ref c3, ref c4);
        for (var round = 1; round < Keccak.Rounds - 1; round += 2)
        {
            Round(state + Words, state + (2 * Words), constants[round], ref c0, ref c1, ref c2, ref c3, ref c4);
            Round(state + (2 * Words), state + Words, constants[round + 1], ref c0, ref c1, ref c2, ref c3, ref c4);
        }
        LastRound(state + Words, state + Words, constants[Keccak.Rounds - 1], c0, c1, c2, c3, c4);
    }

    // One round: theta makes d of the parities c; rho and pi rotate and move the lanes into a row b; chi and iota write the row, whose
    // lanes go into the parities of the next round while they are at hand.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ulong* from, ulong* to, ulong constant,
        ref Vector128<ulong> c0, ref Vector128<ulong> c1, ref Vector128<ulong> c2, ref Vector128<ulong> c3, ref Vector128<ulong> c4)
    {
        var d0 = c4 ^ RotateLeft(c1, 1);
        var d1 = c0 ^ RotateLeft(c2, 1);
        var d2 = c1 ^ RotateLeft(c3, 1);
        var d3 = c2 ^ RotateLeft(c4, 1);
        var d4 = c3 ^ RotateLeft(c0, 1);

        var b0 = Vector128.Load(from + 0) ^ d0;
        var b1 = RotateLeft(Vector128.Load(from + 12) ^ d1, 44);
        var b2 = RotateLeft(Vector128.Load(from + 24) ^ d2, 43);
        var b3 = RotateLeft(Vector128.Load(from + 36) ^ d3, 21);
        var b4 = RotateLeft(Vector128.Load(from + 48) ^ d4, 14);
        c0 = b0 ^ Vector128.AndNot(b2, b1) ^ Vector128.Create(constant);
        c0.Store(to + 0);
        c1 = b1 ^ Vector128.AndNot(b3, b2);
        c1.Store(to + 2);
        c2 = b2 ^ Vector128.AndNot(b4, b3);
        c2.Store(to + 4);
        c3 = b3 ^ Vector128.AndNot(b0, b4);
        c3.Store(to + 6);
        c4 = b4 ^ Vector128.AndNot(b1, b0);
        c4.Store(to + 8);

        b0 = RotateLeft(Vector128.Load(from + 6) ^ d3, 28);
        b1 = RotateLeft(Vector128.Load(from + 18) ^ d4, 20);
        b2 = RotateLeft(Vector128.Load(from + 20) ^ d0, 3);
        b3 = RotateLeft(Vector128.Load(from + 32) ^ d1, 45);
        b4 = RotateLeft(Vector128.Load(from + 44) ^ d2, 61);
        var lane = b0 ^ Vector128.AndNot(b2, b1);
        lane.Store(to + 10);
        c0 ^= lane;
        lane = b1 ^ Vector128.AndNot(b3, b2);
        lane.Store(to + 12);
        c1 ^= lane;
        lane = b2 ^ Vector128.AndNot(b4, b3);
        lane.Store(to + 14);
        c2 ^= lane;
        lane = b3 ^ Vector128.AndNot(b0, b4);
        lane.Store(to + 16);
        c3 ^= lane;
        lane = b4 ^ Vector128.AndNot(b1, b0);
        lane.Store(to + 18);
        c4 ^= lane;

        b0 = RotateLeft(Vector128.Load(from + 2) ^ d1, 1);
        b1 = RotateLeft(Vector128.Load(from + 14) ^ d2, 6);
        b2 = RotateLeft(Vector128.Load(from + 26) ^ d3, 25);
        b3 = RotateLeft(Vector128.Load(from + 38) ^ d4, 8);
        b4 = RotateLeft(Vector128.Load(from + 40) ^ d0, 18);
        lane = b0 ^ Vector128.AndNot(b2, b1);
        lane.Store(to + 20);
        c0 ^= lane;
        lane = b1 ^ Vector128.AndNot(b3, b2);
        lane.Store(to + 22);
        c1 ^= lane;
        lane = b2 ^ Vector128.AndNot(b4, b3);
        lane.Store(to + 24);
        c2 ^= lane;
        lane = b3 ^ Vector128.AndNot(b0, b4);
        lane.Store(to + 26);
        c3 ^= lane;
        lane = b4 ^ Vector128.AndNot(b1, b0);
        lane.Store(to + 28);
        c4 ^= lane;

        b0 = RotateLeft(Vector128.Load(from + 8) ^ d4, 27);
        b1 = RotateLeft(Vector128.Load(from + 10) ^ d0, 36);
        b2 = RotateLeft(Vector128.Load(from + 22) ^ d1, 10);
        b3 = RotateLeft(Vector128.Load(from + 34) ^ d2, 15);
        b4 = RotateLeft(Vector128.Load(from + 46) ^ d3, 56);
        lane = b0 ^ Vector128.AndNot(b2, b1);
        lane.Store(to + 30);
        c0 ^= lane;
        lane = b1 ^ Vector128.AndNot(b3, b2);
        lane.Store(to + 32);
        c1 ^= lane;
        lane = b2 ^ Vector128.AndNot(b4, b3);
        lane.Store(to + 34);
        c2 ^= lane;
        lane = b3 ^ Vector128.AndNot(b0, b4);
        lane.Store(to + 36);
        c3 ^= lane;
        lane = b4 ^ Vector128.AndNot(b1, b0);
        lane.Store(to + 38);
        c4 ^= lane;

        b0 = RotateLeft(Vector128.Load(from + 4) ^ d2, 62);
        b1 = RotateLeft(Vector128.Load(from + 16) ^ d3, 55);
        b2 = RotateLeft(Vector128.Load(from + 28) ^ d4, 39);
        b3 = RotateLeft(Vector128.Load(from + 30) ^ d0, 41);
        b4 = RotateLeft(Vector128.Load(from + 42) ^ d1, 2);
        lane = b0 ^ Vector128.AndNot(b2, b1);
        lane.Store(to + 40);
        c0 ^= lane;
        lane = b1 ^ Vector128.AndNot(b3, b2);
        lane.Store(to + 42);
        c1 ^= lane;
        lane = b2 ^ Vector128.AndNot(b4, b3);
        lane.Store(to + 44);
        c2 ^= lane;
        lane = b3 ^ Vector128.AndNot(b0, b4);
        lane.Store(to + 46);
        c3 ^= lane;
        lane = b4 ^ Vector128.AndNot(b1, b0);
        lane.Store(to + 48);
        c4 ^= lane;
    }

    // As much of a round as the first four lanes want.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LastRound(
        ulong* from, ulong* to, ulong constant,
        Vector128<ulong> c0, Vector128<ulong> c1, Vector128<ulong> c2, Vector128<ulong> c3, Vector128<ulong> c4)
    {
        var b0 = Vector128.Load(from + 0) ^ c4 ^ RotateLeft(c1, 1);
        var b1 = RotateLeft(Vector128.Load(from + 12) ^ c0 ^ RotateLeft(c2, 1), 44);
        var b2 = RotateLeft(Vector128.Load(from + 24) ^ c1 ^ RotateLeft(c3, 1), 43);
        var b3 = RotateLeft(Vector128.Load(from + 36) ^ c2 ^ RotateLeft(c4, 1), 21);
        var b4 = RotateLeft(Vector128.Load(from + 48) ^ c3 ^ RotateLeft(c0, 1), 14);
        (b0 ^ Vector128.AndNot(b2, b1) ^ Vector128.Create(constant)).Store(to + 0);
        (b1 ^ Vector128.AndNot(b3, b2)).Store(to + 2);
        (b2 ^ Vector128.AndNot(b4, b3)).Store(to + 4);
        (b3 ^ Vector128.AndNot(b0, b4)).Store(to + 6);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> RotateLeft(Vector128<ulong> value, int bits) => (value << bits) | (value >>> (64 - bits));
}
