namespace Grainpool.Grains.Miners;

/// <summary>Work of the last ten minutes, in steps of 20 s.</summary>
internal sealed class RateWindow
{
    private const int StepSeconds = 20;
    private const int Steps = 30;

    private readonly SortedDictionary<long, double> _steps = [];

    /// <summary>Work by step, for keeping.</summary>
    public IReadOnlyDictionary<long, double> Kept => _steps;

    public static RateWindow Of(IEnumerable<KeyValuePair<long, double>> kept)
    {
        var window = new RateWindow();
        foreach (var (step, hashes) in kept) window._steps[step] = hashes;
        return window;
    }

    public void Add(double hashes, DateTimeOffset now)
    {
        var step = StepOf(now);
        _steps[step] = _steps.GetValueOrDefault(step) + hashes;
        while (_steps.Keys.First() <= step - Steps) _steps.Remove(_steps.Keys.First());
    }

    /// <summary>Hashes per second over the last ten minutes, or since <paramref name="firstSeen"/> when that is later.</summary>
    public double Rate(DateTimeOffset? firstSeen, DateTimeOffset now)
    {
        if (firstSeen is not { } first) return 0;
        var oldest = StepOf(now) - Steps;
        var hashes = _steps.Where(step => step.Key > oldest).Sum(step => step.Value);
        // The step under way is not over yet.
        var seconds = (Steps - 1) * StepSeconds + (now.ToUnixTimeSeconds() % StepSeconds);
        return hashes / Math.Clamp((now - first).TotalSeconds, StepSeconds, seconds);
    }

    private static long StepOf(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;
}
