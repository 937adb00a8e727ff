using System.Diagnostics;
using System.Numerics;

namespace Grainpool.LoadGenerator;

/// <summary>Counts times in buckets that grow with the time: exact to about 3 %. Safe from any thread.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private const int Sub = 1 << SubBits;
    private readonly long[] _counts = new long[64 * Sub];
    private long _largest;
    private long _largestAt;

    /// <summary>Number of times counted.</summary>
    public long Count
    {
        get
        {
            long sum = 0;
            foreach (ref var count in _counts.AsSpan()) sum += Interlocked.Read(ref count);
            return sum;
        }
    }

    /// <summary>The longest.</summary>
    public TimeSpan Largest => TimeSpan.FromMicroseconds(Interlocked.Read(ref _largest) / 1000.0);

    /// <summary>When that was counted: <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long LargestAt => Interlocked.Read(ref _largestAt);

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan time)
    {
        var nanoseconds = Math.Max(0, (long)(time.TotalMicroseconds * 1000));
        Interlocked.Increment(ref _counts[IndexOf((ulong)nanoseconds)]);
        for (var seen = Interlocked.Read(ref _largest); nanoseconds > seen;)
        {
            var before = Interlocked.CompareExchange(ref _largest, nanoseconds, seen);
            if (before == seen)
            {
                Interlocked.Exchange(ref _largestAt, Stopwatch.GetTimestamp());
                break;
            }
            seen = before;
        }
    }

    /// <summary>The time that this part of all stays below or at, 0 to 1; zero when nothing was counted.</summary>
    public TimeSpan Quantile(double part)
    {
        var wanted = (long)Math.Ceiling(Count * part);
        if (wanted == 0) return TimeSpan.Zero;
        long sum = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            sum += Interlocked.Read(ref _counts[i]);
            if (sum >= wanted) return TimeSpan.FromMicroseconds(Math.Min(UpperEnd(i), (ulong)Interlocked.Read(ref _largest)) / 1000.0);
        }
        return Largest;
    }

    private static int IndexOf(ulong value)
    {
        if (value < Sub) return (int)value;
        var shift = BitOperations.Log2(value) - SubBits;
        return ((shift + 1) << SubBits) + (int)(value >> shift) - Sub;
    }

    private static ulong UpperEnd(int index)
    {
        if (index < Sub) return (ulong)index;
        var shift = (index >> SubBits) - 1;
        return (((ulong)(index & (Sub - 1)) + Sub + 1) << shift) - 1;
    }
}
