using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Grainpool.Verthash;

/// <summary>The walk in plain words.</summary>
/// <remarks>
/// <see cref="One"/> is the version written to be read; any other has to equal it byte for byte. The accumulator passes
/// through all words of a row before the next row is known; the result words influence nothing.
/// </remarks>
internal static unsafe class ScalarWalk
{
    /// <summary>Walks for one header.</summary>
    /// <param name="table">The table, kept alive by the caller.</param>
    /// <param name="seek">128 seek words.</param>
    /// <param name="result">Eight result words, changed in place.</param>
    // Safe: a position is below the number of row positions, so a row of 32 bytes at its offset lies inside the table.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One<TLayout>(in RowTable table, uint* seek, uint* result) where TLayout : struct, IRowLayout
    {
        var rows = table.Start;
        var reciprocal = table.Reciprocal64;
        var positions = table.RowPositions;
        var accumulator = Walk.FnvStart;
        for (var turn = 0; turn < Walk.Turns; turn++)
        {
            for (var word = 0; word < Walk.SeekWords; word++)
            {
                var mixed = Mix(BitOperations.RotateLeft(seek[word], turn), accumulator);
                var position = (uint)Math.BigMul(unchecked(reciprocal * mixed), positions, out _);
                var row = (uint*)(rows + RowOffset.Of<TLayout>(position));
                for (var k = 0; k < Walk.RowWords; k++)
                {
                    accumulator = Mix(accumulator, row[k]);
                    result[k] = Mix(result[k], row[k]);
                }
            }
        }
    }

    /// <summary>Walks for several headers in turn, so that each has the time of the others' steps to wait for its row.</summary>
    /// <param name="table">The table, kept alive by the caller.</param>
    /// <param name="chains">How many, at most <see cref="Walk.MostChains"/>.</param>
    /// <param name="seek">For each of 64 pairs of seek words the pair of each chain.</param>
    /// <param name="results">Eight result words of each chain, changed in place.</param>
    // Safe as above; the stack arrays have a place for each chain.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Many<TLayout>(in RowTable table, int chains, ulong* seek, uint* results) where TLayout : struct, IRowLayout
    {
        var rows = table.Start;
        var reciprocal = table.Reciprocal64;
        var positions = table.RowPositions;
        var accumulators = stackalloc uint[Walk.MostChains];
        var current = stackalloc byte*[Walk.MostChains];
        var next = stackalloc byte*[Walk.MostChains];
        for (var chain = 0; chain < chains; chain++)
        {
            accumulators[chain] = Walk.FnvStart;
            var position = (uint)Math.BigMul(unchecked(reciprocal * Mix((uint)seek[chain], Walk.FnvStart)), positions, out _);
            next[chain] = rows + RowOffset.Of<TLayout>(position);
        }

        // Each turn of the loop takes a step and finds where the following one goes; the last one finds a row for nothing. What
        // tells the next rows is done for all chains first, in as few instructions as it takes: while one row is late, the processor
        // comes as far as to ask for those of the chains behind. The result words have time until the row is there.
        for (var step = 1; step <= Walk.Steps; step++)
        {
            var words = seek + (Walk.PairOf(step) * chains);
            var turn = Walk.TurnOf(step);
            var half = (step & 1) * 32;
            for (var chain = 0; chain < chains; chain++)
            {
                var row = (uint*)next[chain];
                current[chain] = (byte*)row;
                var a = accumulators[chain];
                a = Mix(a, row[0]);
                a = Mix(a, row[1]);
                a = Mix(a, row[2]);
                a = Mix(a, row[3]);
                a = Mix(a, row[4]);
                a = Mix(a, row[5]);
                a = Mix(a, row[6]);
                a = Mix(a, row[7]);
                accumulators[chain] = a;

                var mixed = Mix(BitOperations.RotateLeft((uint)(words[chain] >> half), turn), a);
                var position = (uint)Math.BigMul(unchecked(reciprocal * mixed), positions, out _);
                next[chain] = rows + RowOffset.Of<TLayout>(position);
                Prefetch.Row<TLayout>(next[chain]);
            }
            for (var chain = 0; chain < chains; chain++)
            {
                var row = (uint*)current[chain];
                var result = results + (chain * Walk.RowWords);
                result[0] = Mix(result[0], row[0]);
                result[1] = Mix(result[1], row[1]);
                result[2] = Mix(result[2], row[2]);
                result[3] = Mix(result[3], row[3]);
                result[4] = Mix(result[4], row[4]);
                result[5] = Mix(result[5], row[5]);
                result[6] = Mix(result[6], row[6]);
                result[7] = Mix(result[7], row[7]);
            }
        }
    }

    // The step of FNV-1a on whole 32-bit words: one multiplication a word, never byte by byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint a, uint b) => unchecked((a ^ b) * Walk.FnvPrime);
}

/// <summary>Asks for a row ahead of its use.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Asks for both ends of a row that may lie across two lines, for one otherwise. Does nothing where there is no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Row<TLayout>(byte* row) where TLayout : struct, IRowLayout
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(row);
        if (!TLayout.InLines)
            Sse.Prefetch0(row + VerthashHasher.RowLength - 1);
    }
}
