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
    // Enough that the estimate is within 35 % two times out of three.
    private const int SubmissionsToJudge = 8;

    // A miner that keeps pace is silent for six intervals once in 400 times.
    private const int SilentIntervals = 6;
    private const int LongestWindowIntervals = 12;

    // Within these bounds the difference is as likely chance.
    private const double LeastChange = 1.6;
    private const double GreatestChange = 16;

    private readonly TimeSpan _interval;
    private readonly UInt256 _hardest;
    private readonly UInt256 _easiest;
    private DateTimeOffset _windowStart;
    private double _work;
    private int _submissions;
    private bool _hasSubmitted;

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
        _hasSubmitted = true;
        return _submissions >= SubmissionsToJudge && Judge(now);
    }

    /// <summary>Looks whether the miner has been silent for too long; to be called every second or so.</summary>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Tick(DateTimeOffset now)
    {
        var elapsed = now - _windowStart;
        if (_submissions > 0) return elapsed >= LongestWindowIntervals * _interval && Judge(now);
        return elapsed >= (_hasSubmitted ? SilentIntervals : 1) * _interval && Change(0.5, now);
    }

    /// <summary>Takes up a wish of the miner.</summary>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Suggest(UInt256 target, DateTimeOffset now) => Set(target, now);

    private bool Judge(DateTimeOffset now)
    {
        var seconds = Math.Max((now - _windowStart).TotalSeconds, 0.001);
        var wished = _work / seconds * _interval.TotalSeconds;
        var change = wished / Targets.AverageAttempts(Target).ToDouble();
        if (change is < LeastChange and > 1 / LeastChange) return Set(Target, now);
        return Change(Math.Clamp(change, 1 / GreatestChange, GreatestChange), now);
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
