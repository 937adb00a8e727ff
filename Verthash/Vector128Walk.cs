using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>The walk with 128-bit vectors: two chains in step, a row in two vectors.</summary>
/// <remarks>
/// Accumulators stand in the low halves of 64-bit lanes; what is above them is rubbish that no multiplication reads. A quad of the row
/// gives two words: it is used, then used again shifted right by 32.
/// </remarks>
internal static unsafe class Vector128Walk
{
    /// <summary>Chains in step.</summary>
    public const int Lanes = 2;

    /// <summary>Walks for one header. See <see cref="ScalarWalk.One"/>.</summary>
    // Safe: as there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One<TLayout>(in RowTable table, uint* seek, uint* result) where TLayout : struct, IRowLayout
    {
        var rows = table.Start;
        var reciprocal = table.Reciprocal64;
        var positions = table.RowPositions;
        var prime = Vector128.Create(Walk.FnvPrime);
        var low = Vector128.Load(result);
        var high = Vector128.Load(result + Vector128<uint>.Count);
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
                low = (low ^ Vector128.Load(row)) * prime;
                high = (high ^ Vector128.Load(row + Vector128<uint>.Count)) * prime;
            }
        }
        low.Store(result);
        high.Store(result + Vector128<uint>.Count);
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
        var prime = Vector128.Create((ulong)Walk.FnvPrime);
        var rowPrime = Vector128.Create(Walk.FnvPrime);
        var reciprocal = Vector128.Create((ulong)table.Reciprocal32);
        var reciprocalShift = table.ReciprocalShift;
        var positions = Vector128.Create((ulong)table.RowPositions);
        var accumulators = stackalloc ulong[Walk.MostChains];
        var offsets = stackalloc long[Walk.MostChains];
        for (var chain = 0; chain < chains; chain += Lanes)
        {
            var a = Vector128.Create((ulong)Walk.FnvStart);
            a.Store(accumulators + chain);
            OffsetsOf<TLayout>(Multiply(Vector128.Load(seek + chain) ^ a, prime), reciprocal, reciprocalShift, positions).Store(offsets + chain);
        }

        // Each turn of the loop takes a step and finds where the following one goes; the last one finds a row for nothing.
        for (var step = 1; step <= Walk.Steps; step++)
        {
            var words = seek + (Walk.PairOf(step) * chains);
            var turn = Walk.TurnOf(step);
            var half = (step & 1) * 32;
            for (var chain = 0; chain < chains; chain += Lanes)
            {
                var row0 = (ulong*)(rows + offsets[chain]);
                var row1 = (ulong*)(rows + offsets[chain + 1]);
                var low0 = Vector128.Load(row0);
                var high0 = Vector128.Load(row0 + 2);
                var low1 = Vector128.Load(row1);
                var high1 = Vector128.Load(row1 + 2);

                var result = results + (chain * Walk.RowWords);
                ((Vector128.Load(result) ^ low0.AsUInt32()) * rowPrime).Store(result);
                ((Vector128.Load(result + 4) ^ high0.AsUInt32()) * rowPrime).Store(result + 4);
                ((Vector128.Load(result + 8) ^ low1.AsUInt32()) * rowPrime).Store(result + 8);
                ((Vector128.Load(result + 12) ^ high1.AsUInt32()) * rowPrime).Store(result + 12);

                var a = Vector128.Load(accumulators + chain);
                a = MixQuad(a, Lower(low0, low1), prime);
                a = MixQuad(a, Upper(low0, low1), prime);
                a = MixQuad(a, Lower(high0, high1), prime);
                a = MixQuad(a, Upper(high0, high1), prime);
                a.Store(accumulators + chain);

                var seekWords = (Vector128.Load(words + chain) >>> half).AsUInt32();
                var rotated = ((seekWords << turn) | (seekWords >>> (32 - turn))).AsUInt64();
                var next = OffsetsOf<TLayout>(Multiply(rotated ^ a, prime), reciprocal, reciprocalShift, positions);
                next.Store(offsets + chain);
                Prefetch.Row<TLayout>(rows + next.GetElement(0));
                Prefetch.Row<TLayout>(rows + next.GetElement(1));
            }
        }
    }

    // Two words of the row, the lower half first.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> MixQuad(Vector128<ulong> a, Vector128<ulong> quad, Vector128<ulong> prime) =>
        Multiply(Multiply(a ^ quad, prime) ^ (quad >>> 32), prime);

    // RowTable tells the arithmetic.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<long> OffsetsOf<TLayout>(
        Vector128<ulong> mixed, Vector128<ulong> reciprocal, int reciprocalShift, Vector128<ulong> positions) where TLayout : struct, IRowLayout
    {
        var rest = (mixed - Multiply(Multiply(mixed, reciprocal) >>> reciprocalShift, positions)).AsUInt32();
        var position = Vector128.Min(rest, rest - positions.AsUInt32()).AsUInt64() & Vector128.Create((ulong)uint.MaxValue);
        if (TLayout.InLines)
            position += Multiply(position, Vector128.Create((ulong)LineLayout.ThirdFactor)) >>> LineLayout.ThirdShift;
        return (position << 4).AsInt64();
    }

    /// <summary>The products, 64 bits wide, of the low halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Multiply(Vector128<ulong> left, Vector128<ulong> right) =>
        Sse2.IsSupported ? Sse2.Multiply(left.AsUInt32(), right.AsUInt32())
        : AdvSimd.IsSupported ? AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(left), AdvSimd.ExtractNarrowingLower(right))
        : (left & Vector128.Create((ulong)uint.MaxValue)) * (right & Vector128.Create((ulong)uint.MaxValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Lower(Vector128<ulong> first, Vector128<ulong> second) =>
        Sse2.IsSupported ? Sse2.UnpackLow(first, second) : Vector128.Create(first.GetLower(), second.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Upper(Vector128<ulong> first, Vector128<ulong> second) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(first, second) : Vector128.Create(first.GetUpper(), second.GetUpper());
}
