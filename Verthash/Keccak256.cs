using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>Four permutations Keccak-f[1600] at once with AVX2; each equals <see cref="Keccak.Permute(ulong*)"/>, whose shape this has.</summary>
internal static unsafe class Keccak256
{
    /// <summary>States at once.</summary>
    public const int States = 4;

    /// <summary>Permutes four states in place.</summary>
    /// <param name="state">Lane 0 of the four states, then lane 1, and so on: 100 words.</param>
    // Safe: both buffers hold 100 words, and Round touches no others. Two rounds a turn, there and back, spare a copy.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Permute(ulong* state)
    {
        var constants = Keccak.RoundConstants;
        var scratch = stackalloc byte[(Keccak.Lanes * States * sizeof(ulong)) + Sha3Lanes.Alignment];
        var other = (ulong*)Sha3Lanes.Align(scratch);
        for (var round = 0; round < Keccak.Rounds; round += 2)
        {
            Round(state, other, constants[round]);
            Round(other, state, constants[round + 1]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(ulong* from, ulong* to, ulong constant)
    {
        var c0 = Vector256.Load(from + 0) ^ Vector256.Load(from + 20) ^ Vector256.Load(from + 40) ^ Vector256.Load(from + 60) ^ Vector256.Load(from + 80);
        var c1 = Vector256.Load(from + 4) ^ Vector256.Load(from + 24) ^ Vector256.Load(from + 44) ^ Vector256.Load(from + 64) ^ Vector256.Load(from + 84);
        var c2 = Vector256.Load(from + 8) ^ Vector256.Load(from + 28) ^ Vector256.Load(from + 48) ^ Vector256.Load(from + 68) ^ Vector256.Load(from + 88);
        var c3 = Vector256.Load(from + 12) ^ Vector256.Load(from + 32) ^ Vector256.Load(from + 52) ^ Vector256.Load(from + 72) ^ Vector256.Load(from + 92);
        var c4 = Vector256.Load(from + 16) ^ Vector256.Load(from + 36) ^ Vector256.Load(from + 56) ^ Vector256.Load(from + 76) ^ Vector256.Load(from + 96);
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
        (b0 ^ Avx2.AndNot(b1, b2) ^ Vector256.Create(constant)).Store(to + 0);
        (b1 ^ Avx2.AndNot(b2, b3)).Store(to + 4);
        (b2 ^ Avx2.AndNot(b3, b4)).Store(to + 8);
        (b3 ^ Avx2.AndNot(b4, b0)).Store(to + 12);
        (b4 ^ Avx2.AndNot(b0, b1)).Store(to + 16);

        b0 = RotateLeft(Vector256.Load(from + 12) ^ d3, 28);
        b1 = RotateLeft(Vector256.Load(from + 36) ^ d4, 20);
        b2 = RotateLeft(Vector256.Load(from + 40) ^ d0, 3);
        b3 = RotateLeft(Vector256.Load(from + 64) ^ d1, 45);
        b4 = RotateLeft(Vector256.Load(from + 88) ^ d2, 61);
        (b0 ^ Avx2.AndNot(b1, b2)).Store(to + 20);
        (b1 ^ Avx2.AndNot(b2, b3)).Store(to + 24);
        (b2 ^ Avx2.AndNot(b3, b4)).Store(to + 28);
        (b3 ^ Avx2.AndNot(b4, b0)).Store(to + 32);
        (b4 ^ Avx2.AndNot(b0, b1)).Store(to + 36);

        b0 = RotateLeft(Vector256.Load(from + 4) ^ d1, 1);
        b1 = RotateLeft(Vector256.Load(from + 28) ^ d2, 6);
        b2 = RotateLeft(Vector256.Load(from + 52) ^ d3, 25);
        b3 = RotateLeft(Vector256.Load(from + 76) ^ d4, 8);
        b4 = RotateLeft(Vector256.Load(from + 80) ^ d0, 18);
        (b0 ^ Avx2.AndNot(b1, b2)).Store(to + 40);
        (b1 ^ Avx2.AndNot(b2, b3)).Store(to + 44);
        (b2 ^ Avx2.AndNot(b3, b4)).Store(to + 48);
        (b3 ^ Avx2.AndNot(b4, b0)).Store(to + 52);
        (b4 ^ Avx2.AndNot(b0, b1)).Store(to + 56);

        b0 = RotateLeft(Vector256.Load(from + 16) ^ d4, 27);
        b1 = RotateLeft(Vector256.Load(from + 20) ^ d0, 36);
        b2 = RotateLeft(Vector256.Load(from + 44) ^ d1, 10);
        b3 = RotateLeft(Vector256.Load(from + 68) ^ d2, 15);
        b4 = RotateLeft(Vector256.Load(from + 92) ^ d3, 56);
        (b0 ^ Avx2.AndNot(b1, b2)).Store(to + 60);
        (b1 ^ Avx2.AndNot(b2, b3)).Store(to + 64);
        (b2 ^ Avx2.AndNot(b3, b4)).Store(to + 68);
        (b3 ^ Avx2.AndNot(b4, b0)).Store(to + 72);
        (b4 ^ Avx2.AndNot(b0, b1)).Store(to + 76);

        b0 = RotateLeft(Vector256.Load(from + 8) ^ d2, 62);
        b1 = RotateLeft(Vector256.Load(from + 32) ^ d3, 55);
        b2 = RotateLeft(Vector256.Load(from + 56) ^ d4, 39);
        b3 = RotateLeft(Vector256.Load(from + 60) ^ d0, 41);
        b4 = RotateLeft(Vector256.Load(from + 84) ^ d1, 2);
        (b0 ^ Avx2.AndNot(b1, b2)).Store(to + 80);
        (b1 ^ Avx2.AndNot(b2, b3)).Store(to + 84);
        (b2 ^ Avx2.AndNot(b3, b4)).Store(to + 88);
        (b3 ^ Avx2.AndNot(b4, b0)).Store(to + 92);
        (b4 ^ Avx2.AndNot(b0, b1)).Store(to + 96);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> RotateLeft(Vector256<ulong> value, int bits) => (value << bits) | (value >>> (64 - bits));
}
