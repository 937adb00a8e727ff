using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Grainpool.Verthash;

/// <summary>Four permutations Keccak-f[1600] at once with AVX2; each equals <see cref="Keccak.Permute"/>, whose shape this has.</summary>
internal static unsafe class Keccak256
{
    /// <summary>States at once.</summary>
    public const int States = 4;

    // Of the states, side by side.
    private const int Words = Keccak.Lanes * States;

    /// <summary>Permutes four states in place.</summary>
    /// <param name="state">Lane 0 of the four states, then lane 1, and so on: the first of <see cref="Keccak.Room"/> words for each state.</param>
    // Safe: as there.
    // Both halves of the room are addressed from one pointer, so that the processor sees at once which load takes what was just stored.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Permute(ulong* state)
    {
        var constants = Keccak.RoundConstants;
        var c0 = Vector256.Load(state + 0) ^ Vector256.Load(state + 20) ^ Vector256.Load(state + 40) ^ Vector256.Load(state + 60) ^ Vector256.Load(state + 80);
        var c1 = Vector256.Load(state + 4) ^ Vector256.Load(state + 24) ^ Vector256.Load(state + 44) ^ Vector256.Load(state + 64) ^ Vector256.Load(state + 84);
        var c2 = Vector256.Load(state + 8) ^ Vector256.Load(state + 28) ^ Vector256.Load(state + 48) ^ Vector256.Load(state + 68) ^ Vector256.Load(state + 88);
        var c3 = Vector256.Load(state + 12) ^ Vector256.Load(state + 32) ^ Vector256.Load(state + 52) ^ Vector256.Load(state + 72) ^ Vector256.Load(state + 92);
        var c4 = Vector256.Load(state + 16) ^ Vector256.Load(state + 36) ^ Vector256.Load(state + 56) ^ Vector256.Load(state + 76) ^ Vector256.Load(state + 96);
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
        var c0 = Vector256.Load(state + 0) ^ Vector256.Load(state + 20) ^ Vector256.Load(state + 40) ^ Vector256.Load(state + 60) ^ Vector256.Load(state + 80);
        var c1 = Vector256.Load(state + 4) ^ Vector256.Load(state + 24) ^ Vector256.Load(state + 44) ^ Vector256.Load(state + 64) ^ Vector256.Load(state + 84);
        var c2 = Vector256.Load(state + 8) ^ Vector256.Load(state + 28) ^ Vector256.Load(state + 48) ^ Vector256.Load(state + 68) ^ Vector256.Load(state + 88);
        var c3 = Vector256.Load(state + 12) ^ Vector256.Load(state + 32) ^ Vector256.Load(state + 52) ^ Vector256.Load(state + 72) ^ Vector256.Load(state + 92);
        var c4 = Vector256.Load(state + 16) ^ Vector256.Load(state + 36) ^ Vector256.Load(state + 56) ^ Vector256.Load(state + 76) ^ Vector256.Load(state + 96);
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
        ref Vector256<ulong> c0, ref Vector256<ulong> c1, ref Vector256<ulong> c2, ref Vector256<ulong> c3, ref Vector256<ulong> c4)
    {
        var d0 = c4 ^ RotateLeft(c1, 1);
        var d1 = c0 ^ RotateLeft(c2, 1);
        var d2 = c1 ^ RotateLeft(c3, 1);
        var d3 = c2 ^ RotateLeft(c4, 1);
        var d4 = c3 ^ RotateLeft(c0, 1);

        var b0 = Vector256.Load(from + 0) ^ d0;
        var b1 = RotateLeft(Vector256.Load(from + 24) ^ d1, 44);
        var b2 = RotateLeft(Vector256.Load(from + 48) ^ d2, 43);
        var b3 = RotateLeft(Vector256.Load(from + 72) ^ d3, 21);
        var b4 = RotateLeft(Vector256.Load(from + 96) ^ d4, 14);
        c0 = b0 ^ Vector256.AndNot(b2, b1) ^ Vector256.Create(constant);
        c0.Store(to + 0);
        c1 = b1 ^ Vector256.AndNot(b3, b2);
        c1.Store(to + 4);
        c2 = b2 ^ Vector256.AndNot(b4, b3);
        c2.Store(to + 8);
        c3 = b3 ^ Vector256.AndNot(b0, b4);
        c3.Store(to + 12);
        c4 = b4 ^ Vector256.AndNot(b1, b0);
        c4.Store(to + 16);

        b0 = RotateLeft(Vector256.Load(from + 12) ^ d3, 28);
        b1 = RotateLeft(Vector256.Load(from + 36) ^ d4, 20);
        b2 = RotateLeft(Vector256.Load(from + 40) ^ d0, 3);
        b3 = RotateLeft(Vector256.Load(from + 64) ^ d1, 45);
        b4 = RotateLeft(Vector256.Load(from + 88) ^ d2, 61);
        var lane = b0 ^ Vector256.AndNot(b2, b1);
        lane.Store(to + 20);
        c0 ^= lane;
        lane = b1 ^ Vector256.AndNot(b3, b2);
        lane.Store(to + 24);
        c1 ^= lane;
        lane = b2 ^ Vector256.AndNot(b4, b3);
        lane.Store(to + 28);
        c2 ^= lane;
        lane = b3 ^ Vector256.AndNot(b0, b4);
        lane.Store(to + 32);
        c3 ^= lane;
        lane = b4 ^ Vector256.AndNot(b1, b0);
        lane.Store(to + 36);
        c4 ^= lane;

        b0 = RotateLeft(Vector256.Load(from + 4) ^ d1, 1);
        b1 = RotateLeft(Vector256.Load(from + 28) ^ d2, 6);
        b2 = RotateLeft(Vector256.Load(from + 52) ^ d3, 25);
        b3 = RotateLeft(Vector256.Load(from + 76) ^ d4, 8);
        b4 = RotateLeft(Vector256.Load(from + 80) ^ d0, 18);
        lane = b0 ^ Vector256.AndNot(b2, b1);
        lane.Store(to + 40);
        c0 ^= lane;
        lane = b1 ^ Vector256.AndNot(b3, b2);
        lane.Store(to + 44);
        c1 ^= lane;
        lane = b2 ^ Vector256.AndNot(b4, b3);
        lane.Store(to + 48);
        c2 ^= lane;
        lane = b3 ^ Vector256.AndNot(b0, b4);
        lane.Store(to + 52);
        c3 ^= lane;
        lane = b4 ^ Vector256.AndNot(b1, b0);
        lane.Store(to + 56);
        c4 ^= lane;

        b0 = RotateLeft(Vector256.Load(from + 16) ^ d4, 27);
        b1 = RotateLeft(Vector256.Load(from + 20) ^ d0, 36);
        b2 = RotateLeft(Vector256.Load(from + 44) ^ d1, 10);
        b3 = RotateLeft(Vector256.Load(from + 68) ^ d2, 15);
        b4 = RotateLeft(Vector256.Load(from + 92) ^ d3, 56);
        lane = b0 ^ Vector256.AndNot(b2, b1);
        lane.Store(to + 60);
        c0 ^= lane;
        lane = b1 ^ Vector256.AndNot(b3, b2);
        lane.Store(to + 64);
        c1 ^= lane;
        lane = b2 ^ Vector256.AndNot(b4, b3);
        lane.Store(to + 68);
        c2 ^= lane;
        lane = b3 ^ Vector256.AndNot(b0, b4);
        lane.Store(to + 72);
        c3 ^= lane;
        lane = b4 ^ Vector256.AndNot(b1, b0);
        lane.Store(to + 76);
        c4 ^= lane;

        b0 = RotateLeft(Vector256.Load(from + 8) ^ d2, 62);
        b1 = RotateLeft(Vector256.Load(from + 32) ^ d3, 55);
        b2 = RotateLeft(Vector256.Load(from + 56) ^ d4, 39);
        b3 = RotateLeft(Vector256.Load(from + 60) ^ d0, 41);
        b4 = RotateLeft(Vector256.Load(from + 84) ^ d1, 2);
        lane = b0 ^ Vector256.AndNot(b2, b1);
        lane.Store(to + 80);
        c0 ^= lane;
        lane = b1 ^ Vector256.AndNot(b3, b2);
        lane.Store(to + 84);
        c1 ^= lane;
        lane = b2 ^ Vector256.AndNot(b4, b3);
        lane.Store(to + 88);
        c2 ^= lane;
        lane = b3 ^ Vector256.AndNot(b0, b4);
        lane.Store(to + 92);
        c3 ^= lane;
        lane = b4 ^ Vector256.AndNot(b1, b0);
        lane.Store(to + 96);
        c4 ^= lane;
    }

    // As much of a round as the first four lanes want.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LastRound(
        ulong* from, ulong* to, ulong constant,
        Vector256<ulong> c0, Vector256<ulong> c1, Vector256<ulong> c2, Vector256<ulong> c3, Vector256<ulong> c4)
    {
        var b0 = Vector256.Load(from + 0) ^ c4 ^ RotateLeft(c1, 1);
        var b1 = RotateLeft(Vector256.Load(from + 24) ^ c0 ^ RotateLeft(c2, 1), 44);
        var b2 = RotateLeft(Vector256.Load(from + 48) ^ c1 ^ RotateLeft(c3, 1), 43);
        var b3 = RotateLeft(Vector256.Load(from + 72) ^ c2 ^ RotateLeft(c4, 1), 21);
        var b4 = RotateLeft(Vector256.Load(from + 96) ^ c3 ^ RotateLeft(c0, 1), 14);
        (b0 ^ Vector256.AndNot(b2, b1) ^ Vector256.Create(constant)).Store(to + 0);
        (b1 ^ Vector256.AndNot(b3, b2)).Store(to + 4);
        (b2 ^ Vector256.AndNot(b4, b3)).Store(to + 8);
        (b3 ^ Vector256.AndNot(b0, b4)).Store(to + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> RotateLeft(Vector256<ulong> value, int bits) => (value << bits) | (value >>> (64 - bits));
}
