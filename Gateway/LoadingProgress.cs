namespace Grainpool.Gateway;

/// <summary>Tells how far a long start has come, at most every few seconds, with the time left as the pace so far suggests.</summary>
/// <param name="time">The clock.</param>
/// <param name="tell">Told percent done and time left.</param>
internal sealed class LoadingProgress(TimeProvider time, Action<int, TimeSpan> tell) : IProgress<double>
{
    /// <summary>Between two tellings. What takes less is not told at all.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly long _started = time.GetTimestamp();
    private TimeSpan _told;

    /// <inheritdoc/>
    public void Report(double value)
    {
        var elapsed = time.GetElapsedTime(_started);
        if (elapsed - _told < Interval || value is <= 0 or >= 1)
            return;
        _told = elapsed;
        tell((int)(value * 100), elapsed * ((1 - value) / value));
    }
}
