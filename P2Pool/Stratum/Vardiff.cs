using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Stratum;

/// <summary>The difficulty of one connection's submissions, so that they come about as often as wished.</summary>
/// <remarks>
/// It estimates the miner's hash rate from the work of its submissions, not from their number, so those of jobs with an older difficulty
/// do not mislead it. It changes the target only when the estimate is clearly off: every change costs the miner a restart of its threads.
/// Local policy. Not safe for several threads.
/// </remarks>
public sealed class Vardiff
{
    // With fewer nothing is said about the rate.
    private const int LeastSubmissions = 8;
    private const int LeastIntervals = 12;

    // After so many the estimate is as good as it needs to be, and a new one begins.
    private const int EnoughSubmissions = 64;

    // An estimate from m submissions is off by 1/√m as a rule; only three to four times that is more than luck.
    private const double Luck = 5.5;
    private const double GreatestChange = 16;

    // A miner that keeps pace is silent for eight intervals once in 3000 times.
    private const int SilentIntervals = 8;

    private readonly TimeSpan _interval;
    private readonly UInt256 _hardest;
    private readonly UInt256 _easiest;
    private DateTimeOffset _windowStart;
    private double _work;
    private int _submissions;
    private DateTimeOffset? _lastSubmission;

    /// <summary>Starts for a miner that has just been given its first job.</summary>
    /// <param name="interval">Time between two submissions that is aimed at.</param>
    /// <param name="hardest">No target is ever below it.</param>
    /// <param name="easiest">No target is ever above it.</param>
    /// <param name="start">First target; clipped to the two.</param>
    /// <param name="now">The time.</param>
    public Vardiff(TimeSpan interval, UInt256 hardest, UInt256 easiest, UInt256 start, DateTimeOffset now)
    {
        (_interval, _hardest, _easiest, _windowStart) = (interval, hardest, easiest, now);
        Target = UInt256.Clip(start, hardest, easiest);
    }

    /// <summary>The target the next job should have, unless its share target is easier.</summary>
    public UInt256 Target { get; private set; }

    /// <summary>Takes note of a submission that met its target.</summary>
    /// <param name="work">Hashes expected for it.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Submitted(double work, DateTimeOffset now)
    {
        _work += work;
        _submissions++;
        _lastSubmission = now;
        return _submissions >= LeastSubmissions && Judge(now);
    }

    /// <summary>Looks whether the miner has been silent for too long; to be called every second or so.</summary>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Tick(DateTimeOffset now)
    {
        if (_lastSubmission is not { } last) return now - _windowStart >= _interval && Change(0.5, now);
        var silentSince = last > _windowStart ? last : _windowStart;
        if (now - silentSince >= SilentIntervals * _interval) return Change(0.5, now);
        return now - _windowStart >= LeastIntervals * _interval && Judge(now);
    }

    /// <summary>Takes up a wish of the miner.</summary>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Suggest(UInt256 target, DateTimeOffset now) => Set(target, now);

    private bool Judge(DateTimeOffset now)
    {
        var seconds = Math.Max((now - _windowStart).TotalSeconds, 0.001);
        var change = _work / seconds * _interval.TotalSeconds / Targets.AverageAttempts(Target).ToDouble();
        // Few submissions in a long time say as much as many in a short one.
        var evidence = Math.Max(_submissions, seconds / _interval.TotalSeconds);
        var luck = 1 + Luck / Math.Sqrt(evidence);
        if (change > luck || change < 1 / luck) return Change(Math.Clamp(change, 1 / GreatestChange, GreatestChange), now);
        return _submissions >= EnoughSubmissions && Set(Target, now);
    }

    private bool Change(double factor, DateTimeOffset now) =>
        Set(Targets.FromAttempts(Targets.AverageAttempts(Target).ToDouble() * factor), now);

    private bool Set(UInt256 target, DateTimeOffset now)
    {
        (_windowStart, _work, _submissions) = (now, 0, 0);
        var before = Target;
        Target = UInt256.Clip(target, _hardest, _easiest);
        return Target != before;
    }
}
