using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>The walk with AVX-512: eight chains in step, two rows in one vector. <see cref="Vector128Walk"/> tells how the lanes are used.</summary>
/// <remarks>One hash alone has nothing to fill such vectors with; it takes <see cref="Vector256Walk.One"/>.</remarks>
internal static unsafe class Vector512Walk
{
    /// <summary>Chains in step.</summary>
    public const int Lanes = 8;

    /// <summary>Walks for several headers. See <see cref="ScalarWalk.Many"/>.</summary>
    /// <param name="table">The table, kept alive by the caller.</param>
    /// <param name="chains">How many, a multiple of <see cref="Lanes"/>.</param>
    /// <param name="seek">For each of 64 pairs of seek words the pair of each chain.</param>
    /// <param name="results">Eight result words of each chain, changed in place.</param>
    // Safe: as there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Many<TLayout>(in RowTable table, int chains, ulong* seek, uint* results) where TLayout : struct, IRowLayout
    {
        SwapMiddle(results, chains);
        var rows = table.Start;
        var prime = Vector512.Create((ulong)Walk.FnvPrime);
        var reciprocal = Vector512.Create((ulong)table.Reciprocal32);
        var reciprocalShift = Vector128.CreateScalar((ulong)table.ReciprocalShift);
        var positions = Vector512.Create((ulong)table.RowPositions);
        var scratch = stackalloc byte[(2 * Walk.MostChains * sizeof(ulong)) + KeccakRoom.Alignment];
        var accumulators = (ulong*)KeccakRoom.Align(scratch);
        var offsets = (long*)(accumulators + Walk.MostChains);
        for (var chain = 0; chain < chains; chain += Lanes)
        {
            var a = Vector512.Create((ulong)Walk.FnvStart);
            a.Store(accumulators + chain);
            OffsetsOf<TLayout>(Multiply(Vector512.Load(seek + chain) ^ a, prime), reciprocal, reciprocalShift, positions).Store(offsets + chain);
        }

        // Each turn of the loop takes a step and finds where the following one goes; the last one finds a row for nothing.
        for (var step = 1; step <= Walk.Steps; step++)
        {
            var words = seek + (Walk.PairOf(step) * chains);
            var turn = Vector512.Create((uint)Walk.TurnOf(step));
            var half = Vector128.CreateScalar((ulong)((step & 1) * 32));
            for (var chain = 0; chain < chains; chain += Lanes)
            {
                var at = offsets + chain;
                var result = results + (chain * Walk.RowWords);
                var rows02 = Two(rows + at[0], rows + at[2]);
                var rows13 = Two(rows + at[1], rows + at[3]);
                var rows46 = Two(rows + at[4], rows + at[6]);
                var rows57 = Two(rows + at[5], rows + at[7]);
                MixResults(result, rows02);
                MixResults(result + 16, rows13);
                MixResults(result + 32, rows46);
                MixResults(result + 48, rows57);

                // The eight rows turned about: quad q of every chain in one vector.
                var even0123 = Avx512F.UnpackLow(rows02, rows13);
                var odd0123 = Avx512F.UnpackHigh(rows02, rows13);
                var even4567 = Avx512F.UnpackLow(rows46, rows57);
                var odd4567 = Avx512F.UnpackHigh(rows46, rows57);
                var a = Vector512.Load(accumulators + chain);
                a = MixQuad(a, Avx512F.Shuffle4x128(even0123, even4567, 0b10_00_10_00), prime);
                a = MixQuad(a, Avx512F.Shuffle4x128(odd0123, odd4567, 0b10_00_10_00), prime);
                a = MixQuad(a, Avx512F.Shuffle4x128(even0123, even4567, 0b11_01_11_01), prime);
                a = MixQuad(a, Avx512F.Shuffle4x128(odd0123, odd4567, 0b11_01_11_01), prime);
                a.Store(accumulators + chain);

                var seekWords = Avx512F.ShiftRightLogical(Vector512.Load(words + chain), half).AsUInt32();
                var rotated = Avx512F.RotateLeftVariable(seekWords, turn).AsUInt64();
                OffsetsOf<TLayout>(Multiply(rotated ^ a, prime), reciprocal, reciprocalShift, positions).Store(at);
                // Written out: the fewer instructions there are in all, the more chains the processor sees ahead of a row that is late.
                Prefetch.Row<TLayout>(rows + at[0]);
                Prefetch.Row<TLayout>(rows + at[1]);
                Prefetch.Row<TLayout>(rows + at[2]);
                Prefetch.Row<TLayout>(rows + at[3]);
                Prefetch.Row<TLayout>(rows + at[4]);
                Prefetch.Row<TLayout>(rows + at[5]);
                Prefetch.Row<TLayout>(rows + at[6]);
                Prefetch.Row<TLayout>(rows + at[7]);
            }
        }
        SwapMiddle(results, chains);
    }

    // A vector holds the results of the chains whose rows it holds: 0 and 2, 1 and 3, and so on. So the walk wants the two
    // in the middle of every four the other way round.
    private static void SwapMiddle(uint* results, int chains)
    {
        for (var chain = 0; chain < chains; chain += 4)
        {
            var one = results + ((chain + 1) * Walk.RowWords);
            var two = one + Walk.RowWords;
            var kept = Vector256.Load(one);
            Vector256.Load(two).Store(one);
            kept.Store(two);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MixResults(uint* result, Vector512<ulong> row) =>
        ((Vector512.Load(result) ^ row.AsUInt32()) * Vector512.Create(Walk.FnvPrime)).Store(result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Two(byte* lower, byte* upper) =>
        Avx512F.InsertVector256(Vector256.Load((ulong*)lower).ToVector512Unsafe(), Vector256.Load((ulong*)upper), 1);

    // Two words of the row, the lower half first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MixQuad(Vector512<ulong> a, Vector512<ulong> quad, Vector512<ulong> prime) =>
        Multiply(Multiply(a ^ quad, prime) ^ (quad >>> 32), prime);

    // RowTable tells the arithmetic.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> OffsetsOf<TLayout>(
        Vector512<ulong> mixed, Vector512<ulong> reciprocal, Vector128<ulong> reciprocalShift, Vector512<ulong> positions)
        where TLayout : struct, IRowLayout
    {
        var quotient = Avx512F.ShiftRightLogical(Multiply(mixed, reciprocal), reciprocalShift);
        var rest = (mixed - Multiply(quotient, positions)).AsUInt32();
        var position = Vector512.Min(rest, rest - positions.AsUInt32()).AsUInt64() & Vector512.Create((ulong)uint.MaxValue);
        if (TLayout.InLines)
            position += Multiply(position, Vector512.Create((ulong)LineLayout.ThirdFactor)) >>> LineLayout.ThirdShift;
        return (position << 4).AsInt64();
    }

    // The products, 64 bits wide, of the low halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Multiply(Vector512<ulong> left, Vector512<ulong> right) => Avx512F.Multiply(left.AsUInt32(), right.AsUInt32());
}
