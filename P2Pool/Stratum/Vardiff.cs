using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Stratum;

/// <summary>The difficulty of one connection's submissions, so that they come about as often as wished.</summary>
/// <remarks>
/// <para>
/// It estimates the miner's hash rate as submissions over exposure: each submission counts as its work over that of the current target, and exposure is
/// time over the work of the target in force while it passed. So changes of the difficulty, and late submissions of older jobs, bias nothing, and what
/// was learnt at a wrong difficulty stays of use. Old knowledge fades: about a hundred submissions are remembered.
/// </para>
/// <para>
/// Until it knows the rate it follows every clear sign; then the target changes at most once a minute, and only when it is off by more than the
/// estimate may well be. Local policy. Not safe for several threads.
/// </para>
/// </remarks>
public sealed class Vardiff
{
    // From here on the rate counts as known: the estimate is off by 18 % as a rule, and better soon.
    private const double Known = 30;

    // More are not remembered at full weight, or else a miner that changes its speed would be followed too slowly.
    private const double Remembered = 100;

    // With fewer nothing is said about the rate; of a miner that returns something is known already.
    private const double Least = 4;
    private const double LeastAtReturn = 12;

    // An estimate from m submissions is off by 1/√m as a rule. A beginner's target is moved when it is off by more than two and a half times that,
    // a known miner's by more than one and a quarter, but never for less than an eighth: every change interrupts the miner.
    private const double BeginnerDoubt = 2.5;
    private const double KnownDoubt = 1.25;
    private const double LeastChange = 0.125;

    private const double MostOfOne = 4;

    // No step is greater, since the first submissions may be luck.
    private const double GreatestChange = 16;

    // The latest submissions are judged by themselves, so many at a time: a rate that differs this clearly is a new one, and what was known is void.
    private const double Latest = 24;
    private const double NewRate = 3.5;

    // A miner that keeps pace is silent for ten intervals once in 22,000 times, for four once in 55.
    private const int SilentIntervals = 10;
    private const int SilentIntervalsAtReturn = 4;

    private static readonly TimeSpan BetweenChanges = TimeSpan.FromMinutes(1);

    private readonly TimeSpan _interval;
    private readonly UInt256 _hardest;
    private readonly UInt256 _easiest;
    private Evidence _all;
    private Evidence _latest;
    private DateTimeOffset _seenUntil;
    private DateTimeOffset _changedAt;
    private DateTimeOffset _heardAt;
    private int _patience;
    private double _least;
    private bool _isSettled;
    private double _work;

    /// <summary>Starts for a miner that has just been given its first job.</summary>
    /// <param name="interval">Time between two submissions that is aimed at.</param>
    /// <param name="hardest">No target is ever below it.</param>
    /// <param name="easiest">No target is ever above it.</param>
    /// <param name="start">First target; clipped to the two.</param>
    /// <param name="now">The time.</param>
    /// <param name="returns">Whether it worked at this target before: then some silence is luck, and not a sign that the target is wrong.</param>
    public Vardiff(TimeSpan interval, UInt256 hardest, UInt256 easiest, UInt256 start, DateTimeOffset now, bool returns = false)
    {
        (_interval, _hardest, _easiest) = (interval, hardest, easiest);
        (_seenUntil, _changedAt, _heardAt) = (now, now, now);
        Target = UInt256.Clip(start, hardest, easiest);
        _work = WorkOf(Target);
        _patience = returns ? SilentIntervalsAtReturn : 1;
        _least = returns ? LeastAtReturn : Least;
    }

    /// <summary>The target the next job should have, unless its share target is easier.</summary>
    public UInt256 Target { get; private set; }

    /// <summary>Whether the miner is slower than the easiest target is made for: its submissions come more seldom than wished, which cannot be helped.</summary>
    public bool IsAtEasiest => Target == _easiest;

    /// <summary>Takes note of a submission that met its target.</summary>
    /// <param name="work">Hashes expected for it.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Submitted(double work, DateTimeOffset now)
    {
        Expose(now);
        // A solution of an older, much harder job that was on its way says little, since few of them are: it must not count for hundreds.
        var count = Math.Min(work / _work, MostOfOne);
        _all = _all.Plus(count, 0);
        _latest = _latest.Plus(count, 0);
        (_patience, _heardAt) = (SilentIntervals, now);
        return Judge(now);
    }

    /// <summary>Looks whether the miner has been silent for too long; to be called every second or so.</summary>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Tick(DateTimeOffset now)
    {
        Expose(now);
        // One that has not been heard of at this difficulty yet is helped quickly, one that has is waited for.
        if (now - _heardAt < _patience * _interval) return Judge(now);
        Forget();
        (_patience, _heardAt) = (1, now);
        return Set(_work / 2, now);
    }

    /// <summary>Takes up a wish of the miner.</summary>
    /// <returns>Whether <see cref="Target"/> changed.</returns>
    public bool Suggest(UInt256 target, DateTimeOffset now)
    {
        Expose(now);
        Forget();
        (_patience, _heardAt) = (1, now);
        return Set(UInt256.Clip(target, _hardest, _easiest), now);
    }

    private bool Judge(DateTimeOffset now)
    {
        LookAtLatest();
        var (count, exposure) = (_all.Count, Math.Max(_all.Exposure, 1e-300));
        // Half a submission less: at the moment of one its own interval is over, the next has not begun.
        var wanted = Math.Max(count - 0.5, 0.5) / exposure * _interval.TotalSeconds;
        var factor = wanted / _work;
        var known = count >= Known;
        _isSettled |= known;
        // Few submissions in a long time say as much as many in a short one.
        var evidence = Math.Max(count, exposure * _work / _interval.TotalSeconds);
        if (evidence < _least || (_isSettled && now - _changedAt < BetweenChanges)) return false;
        var doubt = Math.Max(LeastChange, (known ? KnownDoubt : BeginnerDoubt) / Math.Sqrt(evidence));
        if (factor < 1 + doubt && factor > 1 / (1 + doubt)) return false;
        return Set(_work * Math.Clamp(factor, 1 / GreatestChange, GreatestChange), now);
    }

    // Compares the latest submissions with what was known before them.
    private void LookAtLatest()
    {
        if (_all.Count < Known)
        {
            _latest = default;
            return;
        }
        var before = new Evidence(_all.Count - _latest.Count, _all.Exposure - _latest.Exposure);
        if (before.Count < Latest || before.Exposure <= 0) return;
        var expected = _latest.Exposure * before.Count / before.Exposure;
        if (_latest.Count < Latest && expected < Latest) return;
        var change = _latest.Count / Math.Max(expected, 1e-300);
        if (change is > NewRate or < 1 / NewRate) _all = _latest;
        _latest = default;
    }

    // Time passes at the target in force.
    private void Expose(DateTimeOffset now)
    {
        var seconds = (now - _seenUntil).TotalSeconds;
        if (seconds <= 0) return;
        _seenUntil = now;
        var exposure = seconds / _work;
        _all = _all.Plus(0, exposure).Faded(Remembered);
        _latest = _latest.Plus(0, exposure);
    }

    private void Forget() => (_all, _latest, _isSettled, _least) = (default, default, false, Least);

    private static double WorkOf(UInt256 target) => Targets.AverageAttempts(target).ToDouble();

    private bool Set(double work, DateTimeOffset now) => Set(UInt256.Clip(Targets.FromAttempts(work), _hardest, _easiest), now);

    private bool Set(UInt256 target, DateTimeOffset now)
    {
        var before = Target;
        if (target == before) return false;
        (Target, _work) = (target, WorkOf(target));
        _changedAt = now;
        return true;
    }

    /// <summary>What was seen: submissions, and the seconds per hash of a target in which they came.</summary>
    private readonly record struct Evidence(double Count, double Exposure)
    {
        public Evidence Plus(double count, double exposure) => new(Count + count, Exposure + exposure);

        public Evidence Faded(double most) => Count <= most ? this : new(most, Exposure * most / Count);
    }
}
