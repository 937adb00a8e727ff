using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>
/// The least that Verthash could be: reads of whole rows, each telling where the next one goes, with next to no arithmetic between. What a
/// machine does of these in a second is the limit that hashes are compared with.
/// </summary>
/// <remarks>
/// The fewer instructions there are from one read to the next, the more reads a core keeps open: so the table itself, which is as good as random, serves as
/// the random number, and a place is found by one multiplication.
/// </remarks>
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
        // In lines every third row begins a line: those read the same memory as all of them.
        return data.Layout == VerthashRowLayout.Lines
            ? Run<LineLayout>(data.Memory.Start, (uint)(data.MemoryBytes / LineLayout.LineLength), chains, seed)
            : Run<FileLayout>(data.Memory.Start, (uint)data.RowPositions, chains, seed);
    }

    // Safe: a place is below their number, and there is room for each chain.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Run<TLayout>(byte* rows, uint places, int chains, ulong seed) where TLayout : struct, IRowLayout
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chains, Walk.MostChains);
        const ulong odd = 0x9E3779B97F4A7C15;
        var next = stackalloc byte*[Walk.MostChains];
        for (var chain = 0; chain < chains; chain++)
            next[chain] = Row<TLayout>(rows, places, ((seed + (ulong)chain) * odd) >> 32);
        var sum = 0UL;
        for (var step = 0UL; step < StepsOfAHash; step++)
        {
            // A chain that comes by the same row again goes another way from there.
            var turn = step * odd;
            for (var chain = 0; chain < chains; chain++)
            {
                // Both ends of the row.
                var row = (ulong*)next[chain];
                var value = row[0] ^ row[Walk.RowQuads - 1] ^ turn;
                sum ^= value;
                var following = Row<TLayout>(rows, places, value);
                next[chain] = following;
                if (chains > 1)
                    Prefetch.Row<TLayout>(following);
            }
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Row<TLayout>(byte* rows, uint places, ulong value) where TLayout : struct, IRowLayout =>
        rows + ((((uint)value * (ulong)places) >> 32) * (ulong)(TLayout.InLines ? LineLayout.LineLength : VerthashHasher.RowAlignment));
}
