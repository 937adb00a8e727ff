using System.Globalization;

namespace Grainpool.Benchmarks.Stratum;

/// <summary>What the memory manager of this process, which is the gateway's, did since a moment: bytes given out, collections, and how long all threads stood still.</summary>
internal sealed class MemoryCost
{
    private readonly long _bytes = GC.GetTotalAllocatedBytes();
    private readonly int[] _collections = Counts();
    private readonly TimeSpan _pause = GC.GetTotalPauseDuration();

    /// <summary>Bytes given out.</summary>
    public long Bytes => GC.GetTotalAllocatedBytes() - _bytes;

    /// <summary>All of it in words.</summary>
    public override string ToString()
    {
        var now = Counts();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Bytes / 1e6:0.0} MB given out; collections {now[0] - _collections[0]} + {now[1] - _collections[1]} + {now[2] - _collections[2]} (generations 0, 1, 2), {(GC.GetTotalPauseDuration() - _pause).TotalMilliseconds:0.0} ms of standing still");
    }

    // Every collection counts for the younger generations too.
    private static int[] Counts() => [GC.CollectionCount(0) - GC.CollectionCount(1), GC.CollectionCount(1) - GC.CollectionCount(2), GC.CollectionCount(2)];
}
