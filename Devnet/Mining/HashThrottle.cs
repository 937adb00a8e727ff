namespace Grainpool.Devnet.Mining;

/// <summary>Keeps all threads of a miner together at a rate.</summary>
internal sealed class HashThrottle(double? hashesPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private double _dueSeconds;

    /// <summary>How long to rest after this many hashes.</summary>
    public TimeSpan After(int hashes)
    {
        if (hashesPerSecond is not { } rate) return TimeSpan.Zero;
        lock (_lock)
        {
            var now = time.GetElapsedTime(_start).TotalSeconds;
            // What was not used is not saved up.
            _dueSeconds = Math.Max(_dueSeconds, now - 1 / rate) + hashes / rate;
            return _dueSeconds > now ? TimeSpan.FromSeconds(_dueSeconds - now) : TimeSpan.Zero;
        }
    }
}
