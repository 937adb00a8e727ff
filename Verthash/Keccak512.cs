using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>Eight permutations Keccak-f[1600] at once with AVX-512; each equals <see cref="Keccak.Permute"/>.</summary>
/// <remarks>The 25 lanes of the state fit the 32 registers, so nothing is kept in memory between rounds.</remarks>
internal static unsafe class Keccak512
{
    /// <summary>States at once.</summary>
    public const int States = 8;

    private static ReadOnlySpan<ulong> RoundConstants => Keccak.RoundConstants;

    // Of the states, side by side.
    private const int Words = Keccak.Lanes * States;

    /// <summary>Permutes eight states in place.</summary>
    /// <param name="state">Lane 0 of the eight states, then lane 1, and so on: the first of <see cref="Keccak.Room"/> words for each state.</param>
    public static void Permute(ulong* state) => Permute(state, digestOnly: false);

    /// <summary>Permutes the states beside themselves, as far as digests of four lanes want it.</summary>
    /// <param name="state">As above. The states stay; four lanes of each are written after them.</param>
    public static void Digest(ulong* state) => Permute(state, digestOnly: true);

    // Safe: reads the 200 words of the states, and writes these or the first 32 of the room behind. What a digest does not want of
    // the last round is left out.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Permute(ulong* state, bool digestOnly)
    {
        var a0 = Vector512.Load(state + 0);
        var a1 = Vector512.Load(state + 8);
        var a2 = Vector512.Load(state + 16);
        var a3 = Vector512.Load(state + 24);
        var a4 = Vector512.Load(state + 32);
        var a5 = Vector512.Load(state + 40);
        var a6 = Vector512.Load(state + 48);
        var a7 = Vector512.Load(state + 56);
        var a8 = Vector512.Load(state + 64);
        var a9 = Vector512.Load(state + 72);
        var a10 = Vector512.Load(state + 80);
        var a11 = Vector512.Load(state + 88);
        var a12 = Vector512.Load(state + 96);
        var a13 = Vector512.Load(state + 104);
        var a14 = Vector512.Load(state + 112);
        var a15 = Vector512.Load(state + 120);
        var a16 = Vector512.Load(state + 128);
        var a17 = Vector512.Load(state + 136);
        var a18 = Vector512.Load(state + 144);
        var a19 = Vector512.Load(state + 152);
        var a20 = Vector512.Load(state + 160);
        var a21 = Vector512.Load(state + 168);
        var a22 = Vector512.Load(state + 176);
        var a23 = Vector512.Load(state + 184);
        var a24 = Vector512.Load(state + 192);
        for (var round = 0; round < Keccak.Rounds; round++)
        {
            // theta
            var c0 = Xor(Xor(a0, a5, a10), a15, a20);
            var c1 = Xor(Xor(a1, a6, a11), a16, a21);
            var c2 = Xor(Xor(a2, a7, a12), a17, a22);
            var c3 = Xor(Xor(a3, a8, a13), a18, a23);
            var c4 = Xor(Xor(a4, a9, a14), a19, a24);
            var d0 = c4 ^ Avx512F.RotateLeft(c1, 1);
            var d1 = c0 ^ Avx512F.RotateLeft(c2, 1);
            var d2 = c1 ^ Avx512F.RotateLeft(c3, 1);
            var d3 = c2 ^ Avx512F.RotateLeft(c4, 1);
            var d4 = c3 ^ Avx512F.RotateLeft(c0, 1);
            // rho and pi
            var b0 = a0 ^ d0;
            var b1 = Avx512F.RotateLeft(a6 ^ d1, 44);
            var b2 = Avx512F.RotateLeft(a12 ^ d2, 43);
            var b3 = Avx512F.RotateLeft(a18 ^ d3, 21);
            var b4 = Avx512F.RotateLeft(a24 ^ d4, 14);
            if (digestOnly && round == Keccak.Rounds - 1)
            {
                (Chi(b0, b1, b2) ^ Vector512.Create(RoundConstants[round])).Store(state + Words);
                Chi(b1, b2, b3).Store(state + Words + 8);
                Chi(b2, b3, b4).Store(state + Words + 16);
                Chi(b3, b4, b0).Store(state + Words + 24);
                return;
            }
            var b5 = Avx512F.RotateLeft(a3 ^ d3, 28);
            var b6 = Avx512F.RotateLeft(a9 ^ d4, 20);
            var b7 = Avx512F.RotateLeft(a10 ^ d0, 3);
            var b8 = Avx512F.RotateLeft(a16 ^ d1, 45);
            var b9 = Avx512F.RotateLeft(a22 ^ d2, 61);
            var b10 = Avx512F.RotateLeft(a1 ^ d1, 1);
            var b11 = Avx512F.RotateLeft(a7 ^ d2, 6);
            var b12 = Avx512F.RotateLeft(a13 ^ d3, 25);
            var b13 = Avx512F.RotateLeft(a19 ^ d4, 8);
            var b14 = Avx512F.RotateLeft(a20 ^ d0, 18);
            var b15 = Avx512F.RotateLeft(a4 ^ d4, 27);
            var b16 = Avx512F.RotateLeft(a5 ^ d0, 36);
            var b17 = Avx512F.RotateLeft(a11 ^ d1, 10);
            var b18 = Avx512F.RotateLeft(a17 ^ d2, 15);
            var b19 = Avx512F.RotateLeft(a23 ^ d3, 56);
            var b20 = Avx512F.RotateLeft(a2 ^ d2, 62);
            var b21 = Avx512F.RotateLeft(a8 ^ d3, 55);
            var b22 = Avx512F.RotateLeft(a14 ^ d4, 39);
            var b23 = Avx512F.RotateLeft(a15 ^ d0, 41);
            var b24 = Avx512F.RotateLeft(a21 ^ d1, 2);
            // chi and iota
            a0 = Chi(b0, b1, b2) ^ Vector512.Create(RoundConstants[round]);
            a1 = Chi(b1, b2, b3);
            a2 = Chi(b2, b3, b4);
            a3 = Chi(b3, b4, b0);
            a4 = Chi(b4, b0, b1);
            a5 = Chi(b5, b6, b7);
            a6 = Chi(b6, b7, b8);
            a7 = Chi(b7, b8, b9);
            a8 = Chi(b8, b9, b5);
            a9 = Chi(b9, b5, b6);
            a10 = Chi(b10, b11, b12);
            a11 = Chi(b11, b12, b13);
            a12 = Chi(b12, b13, b14);
            a13 = Chi(b13, b14, b10);
            a14 = Chi(b14, b10, b11);
            a15 = Chi(b15, b16, b17);
            a16 = Chi(b16, b17, b18);
            a17 = Chi(b17, b18, b19);
            a18 = Chi(b18, b19, b15);
            a19 = Chi(b19, b15, b16);
            a20 = Chi(b20, b21, b22);
            a21 = Chi(b21, b22, b23);
            a22 = Chi(b22, b23, b24);
            a23 = Chi(b23, b24, b20);
            a24 = Chi(b24, b20, b21);
        }
        a0.Store(state + 0);
        a1.Store(state + 8);
        a2.Store(state + 16);
        a3.Store(state + 24);
        a4.Store(state + 32);
        a5.Store(state + 40);
        a6.Store(state + 48);
        a7.Store(state + 56);
        a8.Store(state + 64);
        a9.Store(state + 72);
        a10.Store(state + 80);
        a11.Store(state + 88);
        a12.Store(state + 96);
        a13.Store(state + 104);
        a14.Store(state + 112);
        a15.Store(state + 120);
        a16.Store(state + 128);
        a17.Store(state + 136);
        a18.Store(state + 144);
        a19.Store(state + 152);
        a20.Store(state + 160);
        a21.Store(state + 168);
        a22.Store(state + 176);
        a23.Store(state + 184);
        a24.Store(state + 192);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Xor(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, 0b1001_0110);

    // a ^ (~b & c)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Chi(Vector512<ulong> a, Vector512<ulong> b, Vector512<ulong> c) =>
        Avx512F.TernaryLogic(a, b, c, 0b1101_0010);
}
