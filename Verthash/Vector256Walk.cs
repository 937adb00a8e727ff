using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>The walk with AVX2: four chains in step, a row in one vector. <see cref="Vector128Walk"/> tells how the lanes are used.</summary>
internal static unsafe class Vector256Walk
{
    /// <summary>Chains in step.</summary>
    public const int Lanes = 4;

    /// <summary>Walks for one header. See <see cref="ScalarWalk.One"/>.</summary>
    // Safe: as there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One<TLayout>(in RowTable table, uint* seek, uint* result) where TLayout : struct, IRowLayout
    {
        var rows = table.Start;
        var reciprocal = table.Reciprocal64;
        var positions = table.RowPositions;
        var prime = Vector256.Create(Walk.FnvPrime);
        var results = Vector256.Load(result);
        var a = Walk.FnvStart;
        for (var turn = 0; turn < Walk.Turns; turn++)
        {
            for (var word = 0; word < Walk.SeekWords; word++)
            {
                var mixed = (uint.RotateLeft(seek[word], turn) ^ a) * Walk.FnvPrime;
                var position = (uint)Math.BigMul(reciprocal * mixed, positions, out _);
                var row = (uint*)(rows + RowOffset.Of<TLayout>(position));
                a = (a ^ row[0]) * Walk.FnvPrime;
                a = (a ^ row[1]) * Walk.FnvPrime;
                a = (a ^ row[2]) * Walk.FnvPrime;
                a = (a ^ row[3]) * Walk.FnvPrime;
                a = (a ^ row[4]) * Walk.FnvPrime;
                a = (a ^ row[5]) * Walk.FnvPrime;
                a = (a ^ row[6]) * Walk.FnvPrime;
                a = (a ^ row[7]) * Walk.FnvPrime;
                results = (results ^ Vector256.Load(row)) * prime;
            }
        }
        results.Store(result);
    }

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
        var rows = table.Start;
        var prime = Vector256.Create((ulong)Walk.FnvPrime);
        var rowPrime = Vector256.Create(Walk.FnvPrime);
        var reciprocal = Vector256.Create((ulong)table.Reciprocal32);
        var reciprocalShift = Vector128.CreateScalar((ulong)table.ReciprocalShift);
        var positions = Vector256.Create((ulong)table.RowPositions);
        var accumulators = stackalloc ulong[Walk.MostChains];
        var offsets = stackalloc long[Walk.MostChains];
        for (var chain = 0; chain < chains; chain += Lanes)
        {
            var a = Vector256.Create((ulong)Walk.FnvStart);
            a.Store(accumulators + chain);
            OffsetsOf<TLayout>(Multiply(Vector256.Load(seek + chain) ^ a, prime), reciprocal, reciprocalShift, positions).Store(offsets + chain);
        }

        // Each turn of the loop takes a step and finds where the following one goes; the last one finds a row for nothing.
        for (var step = 1; step <= Walk.Steps; step++)
        {
            var words = seek + (Walk.PairOf(step) * chains);
            var turn = Walk.TurnOf(step);
            var left = Vector128.CreateScalar((uint)turn);
            var right = Vector128.CreateScalar((uint)(32 - turn));
            var half = Vector128.CreateScalar((ulong)((step & 1) * 32));
            for (var chain = 0; chain < chains; chain += Lanes)
            {
                var row0 = Vector256.Load((ulong*)(rows + offsets[chain]));
                var row1 = Vector256.Load((ulong*)(rows + offsets[chain + 1]));
                var row2 = Vector256.Load((ulong*)(rows + offsets[chain + 2]));
                var row3 = Vector256.Load((ulong*)(rows + offsets[chain + 3]));

                var result = results + (chain * Walk.RowWords);
                ((Vector256.Load(result) ^ row0.AsUInt32()) * rowPrime).Store(result);
                ((Vector256.Load(result + 8) ^ row1.AsUInt32()) * rowPrime).Store(result + 8);
                ((Vector256.Load(result + 16) ^ row2.AsUInt32()) * rowPrime).Store(result + 16);
                ((Vector256.Load(result + 24) ^ row3.AsUInt32()) * rowPrime).Store(result + 24);

                // The four rows turned about: quad q of every chain in one vector.
                var even01 = Avx2.UnpackLow(row0, row1);
                var odd01 = Avx2.UnpackHigh(row0, row1);
                var even23 = Avx2.UnpackLow(row2, row3);
                var odd23 = Avx2.UnpackHigh(row2, row3);
                var a = Vector256.Load(accumulators + chain);
                a = MixQuad(a, Avx2.Permute2x128(even01, even23, 0x20), prime);
                a = MixQuad(a, Avx2.Permute2x128(odd01, odd23, 0x20), prime);
                a = MixQuad(a, Avx2.Permute2x128(even01, even23, 0x31), prime);
                a = MixQuad(a, Avx2.Permute2x128(odd01, odd23, 0x31), prime);
                a.Store(accumulators + chain);

                var seekWords = Avx2.ShiftRightLogical(Vector256.Load(words + chain), half).AsUInt32();
                var rotated = (Avx2.ShiftLeftLogical(seekWords, left) | Avx2.ShiftRightLogical(seekWords, right)).AsUInt64();
                var next = OffsetsOf<TLayout>(Multiply(rotated ^ a, prime), reciprocal, reciprocalShift, positions);
                next.Store(offsets + chain);
                Prefetch.Row<TLayout>(rows + offsets[chain]);
                Prefetch.Row<TLayout>(rows + offsets[chain + 1]);
                Prefetch.Row<TLayout>(rows + offsets[chain + 2]);
                Prefetch.Row<TLayout>(rows + offsets[chain + 3]);
            }
        }
    }

    /// <summary>Walks for a few headers, each at its own pace.</summary>
    /// <remarks>
    /// In step, chains wait for the slowest read among them. A few do not fill the time of a read with arithmetic anyway; so here the
    /// accumulator is a plain word, and whichever row is there goes on.
    /// </remarks>
    /// <param name="table">The table, kept alive by the caller.</param>
    /// <param name="chains">How many, at most <see cref="Walk.MostChains"/>.</param>
    /// <param name="seek">For each of 64 pairs of seek words the pair of each chain.</param>
    /// <param name="results">Eight result words of each chain, changed in place.</param>
    // Safe: as above.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Few<TLayout>(in RowTable table, int chains, ulong* seek, uint* results) where TLayout : struct, IRowLayout
    {
        var rows = table.Start;
        var reciprocal = table.Reciprocal64;
        var positions = table.RowPositions;
        var prime = Vector256.Create(Walk.FnvPrime);
        var accumulators = stackalloc uint[Walk.MostChains];
        var next = stackalloc byte*[Walk.MostChains];
        for (var chain = 0; chain < chains; chain++)
        {
            accumulators[chain] = Walk.FnvStart;
            var mixed = ((uint)seek[chain] ^ Walk.FnvStart) * Walk.FnvPrime;
            next[chain] = rows + RowOffset.Of<TLayout>((uint)Math.BigMul(reciprocal * mixed, positions, out _));
        }

        // Each turn of the loop takes a step and finds where the following one goes; the last one finds a row for nothing.
        for (var step = 1; step <= Walk.Steps; step++)
        {
            var words = seek + (Walk.PairOf(step) * chains);
            var turn = Walk.TurnOf(step);
            var half = (step & 1) * 32;
            for (var chain = 0; chain < chains; chain++)
            {
                var row = (uint*)next[chain];
                var a = accumulators[chain];
                a = (a ^ row[0]) * Walk.FnvPrime;
                a = (a ^ row[1]) * Walk.FnvPrime;
                a = (a ^ row[2]) * Walk.FnvPrime;
                a = (a ^ row[3]) * Walk.FnvPrime;
                a = (a ^ row[4]) * Walk.FnvPrime;
                a = (a ^ row[5]) * Walk.FnvPrime;
                a = (a ^ row[6]) * Walk.FnvPrime;
                a = (a ^ row[7]) * Walk.FnvPrime;
                accumulators[chain] = a;
                var result = results + (chain * Walk.RowWords);
                ((Vector256.Load(result) ^ Vector256.Load(row)) * prime).Store(result);

                var mixed = (uint.RotateLeft((uint)(words[chain] >> half), turn) ^ a) * Walk.FnvPrime;
                next[chain] = rows + RowOffset.Of<TLayout>((uint)Math.BigMul(reciprocal * mixed, positions, out _));
                Prefetch.Row<TLayout>(next[chain]);
            }
        }
    }

    // Two words of the row, the lower half first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> MixQuad(Vector256<ulong> a, Vector256<ulong> quad, Vector256<ulong> prime) =>
        Multiply(Multiply(a ^ quad, prime) ^ (quad >>> 32), prime);

    // RowTable tells the arithmetic.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> OffsetsOf<TLayout>(
        Vector256<ulong> mixed, Vector256<ulong> reciprocal, Vector128<ulong> reciprocalShift, Vector256<ulong> positions)
        where TLayout : struct, IRowLayout
    {
        var quotient = Avx2.ShiftRightLogical(Multiply(mixed, reciprocal), reciprocalShift);
        var rest = (mixed - Multiply(quotient, positions)).AsUInt32();
        var position = Vector256.Min(rest, rest - positions.AsUInt32()).AsUInt64() & Vector256.Create((ulong)uint.MaxValue);
        if (TLayout.InLines)
            position += Multiply(position, Vector256.Create((ulong)LineLayout.ThirdFactor)) >>> LineLayout.ThirdShift;
        return (position << 4).AsInt64();
    }

    // The products, 64 bits wide, of the low halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Multiply(Vector256<ulong> left, Vector256<ulong> right) => Avx2.Multiply(left.AsUInt32(), right.AsUInt32());
}
