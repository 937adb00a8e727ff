using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>
/// The least that Verthash could be: reads of whole rows, each telling where the next one goes, with next to no arithmetic between. What a
/// machine does of these in a second is the limit that hashes are compared with.
/// </summary>
internal static unsafe class RandomReads
{
    /// <summary>Reads of a hash, so that numbers compare.</summary>
    public const int StepsOfAHash = Walk.Steps;

    /// <summary>Reads <see cref="StepsOfAHash"/> rows in each of several chains.</summary>
    /// <param name="data">The table; the rows are where its hashes read them.</param>
    /// <param name="chains">How many chains take turns, 1 to <see cref="Walk.MostChains"/>.</param>
    /// <param name="seed">Where they start.</param>
    /// <returns>A value that depends on all reads.</returns>
    public static ulong Run(VerthashDataFile data, int chains, ulong seed)
    {
        using var held = data.Memory.Hold();
        var positions = (uint)data.RowPositions;
        return data.Layout == VerthashRowLayout.Lines
            ? Run<LineLayout>(data.Memory.Start, positions, chains, seed)
            : Run<FileLayout>(data.Memory.Start, positions, chains, seed);
    }

    // Safe: a position is below the number of row positions, and there is a place for each chain.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Run<TLayout>(byte* rows, uint positions, int chains, ulong seed) where TLayout : struct, IRowLayout
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chains, Walk.MostChains);
        var next = stackalloc byte*[Walk.MostChains];
        for (var chain = 0; chain < chains; chain++)
            next[chain] = Row<TLayout>(rows, positions, seed + (ulong)chain);
        var sum = 0UL;
        for (var step = 0UL; step < StepsOfAHash; step++)
        {
            for (var chain = 0; chain < chains; chain++)
            {
                // Both ends of the row, and the step, so that a chain cannot run into a circle.
                var row = (ulong*)next[chain];
                var value = row[0] ^ row[Walk.RowQuads - 1] ^ step;
                sum += value;
                next[chain] = Row<TLayout>(rows, positions, value);
                if (chains > 1)
                    Prefetch.Row<TLayout>(next[chain]);
            }
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Row<TLayout>(byte* rows, uint positions, ulong value) where TLayout : struct, IRowLayout =>
        rows + RowOffset.Of<TLayout>((uint)Math.BigMul(value * 0x9E3779B97F4A7C15, positions, out _));
}
