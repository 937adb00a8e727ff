using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.P2Pool.Tests.Stratum;

/// <summary>Simulated miners with a made-up clock: whatever the rate and the luck, submissions soon come about as often as wished, and stay so.</summary>
public class VardiffTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly UInt256 Hardest = KnownNetworks.Vertcoin.HardestMinerTarget;
    private static readonly UInt256 Easiest = KnownNetworks.Vertcoin.EasiestMinerTarget;
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);

    /// <summary>Starts at difficulties from a thousand times too easy to a thousand times too hard, for miners from 30 kH/s to 10 GH/s.</summary>
    public static TheoryData<double, double> RatesAndStarts()
    {
        var data = new TheoryData<double, double>();
        foreach (var rate in new[] { 3e4, 1e7, 1e10 })
        {
            foreach (var start in new[] { 0.001, 0.1, 1, 10, 1000 }) data.Add(rate, start);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(RatesAndStarts))]
    public void After50Shares_TheMedianOfMinersIsWithin20Percent_AndFrom60OnNineOfTenWithin30(double rate, double start)
    {
        const int miners = 200;
        var errors = new List<double>();
        var (looks, near) = (0, 0);
        for (var seed = 0; seed < miners; seed++)
        {
            var miner = new Simulation(rate, Targets.FromAttempts(Math.Max(rate * 10 * start, 1e5)), seed);
            miner.RunShares(50);
            errors.Add(Math.Abs(miner.Error));
            for (var share = 60; share <= 200; share += 20)
            {
                miner.RunShares(share);
                looks++;
                if (Math.Abs(miner.Error) <= 0.3) near++;
            }
        }
        errors.Sort();
        Assert.InRange(errors[miners / 2], 0, 0.20);
        Assert.InRange((double)near / looks, 0.90, 1);
    }

    [Fact]
    public void SettledMiner_IsChangedAtMostOnceAMinute_AndSeldomAtAll()
    {
        const int miners = 50;
        var changes = 0;
        for (var seed = 0; seed < miners; seed++)
        {
            var miner = new Simulation(1e6, Targets.FromAttempts(1e7), seed);
            miner.RunShares(60);
            miner.Changes.Clear();
            miner.Run(TimeSpan.FromHours(2));
            changes += miner.Changes.Count;
            foreach (var (before, after) in miner.Changes.Zip(miner.Changes.Skip(1))) Assert.True(after - before >= TimeSpan.FromMinutes(1));
        }
        // 720 submissions each; every change interrupts the miner.
        Assert.InRange(changes / (double)miners, 0, 16);
    }

    [Fact]
    public void Miner_ThatChangesItsSpeed_IsFollowedWithinMinutes()
    {
        foreach (var factor in new[] { 0.1, 4, 100 })
        {
            for (var seed = 0; seed < 100; seed++)
            {
                var miner = new Simulation(1e7, Targets.FromAttempts(1e8), seed);
                miner.RunShares(100);
                miner.Rate *= factor;
                miner.Run(TimeSpan.FromMinutes(20));
                Assert.InRange(miner.Error, -0.6, 1.0);
            }
        }
    }

    [Fact]
    public void MinerThatGoesAndComesBack_IsEasierMeanwhile_AndSettlesAgain()
    {
        var vardiff = New(Targets.FromAttempts(1e9));
        var now = Start;
        for (var i = 0; i < 100; i++) vardiff.Submitted(1e9, now += Interval);
        var before = Targets.AverageAttempts(vardiff.Target).ToDouble();
        // The first sign of silence comes after ten intervals, then one an interval.
        for (var second = 0; second < 160; second++) vardiff.Tick(now += TimeSpan.FromSeconds(1));
        Assert.Equal(1 / 128.0, Targets.AverageAttempts(vardiff.Target).ToDouble() / before, 1e-4);
        for (var i = 0; i < 20_000; i++) vardiff.Tick(now += TimeSpan.FromSeconds(1));
        Assert.Equal(Easiest, vardiff.Target);
        Assert.True(vardiff.IsAtEasiest);
        var miner = new Simulation(1e8, vardiff, now, seed: 1);
        miner.RunShares(100);
        Assert.InRange(miner.Error, -0.4, 0.4);
    }

    [Fact]
    public void MinerCappedByTheShareTarget_IsStillMeasuredRight()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            // Its jobs are ten times easier than its own difficulty would be.
            var miner = new Simulation(1e8, Targets.FromAttempts(1e9), seed) { MostWork = 1e8 };
            miner.RunShares(300);
            Assert.InRange(miner.Error, -0.35, 0.35);
        }
    }

    [Fact]
    public void Miner_ThatIsMuchTooSlow_GetsHalfTheDifficultyEveryInterval()
    {
        var vardiff = New(Targets.FromAttempts(1e9));
        for (var step = 1; step <= 5; step++)
        {
            var before = Targets.AverageAttempts(vardiff.Target).ToDouble();
            Assert.False(vardiff.Tick(Start + step * Interval - TimeSpan.FromMilliseconds(1)));
            Assert.True(vardiff.Tick(Start + step * Interval));
            Assert.Equal(0.5, Targets.AverageAttempts(vardiff.Target).ToDouble() / before, 1e-6);
        }
    }

    [Fact]
    public void ReturningMiner_KeepsItsTarget_UnlessItsSpeedIsAnother()
    {
        const int miners = 1000;
        var changed = 0;
        for (var seed = 0; seed < miners; seed++)
        {
            var miner = Returning(1e7, 1, seed);
            miner.Run(TimeSpan.FromSeconds(60));
            if (miner.Changes.Count > 0) changed++;
        }
        // Of new miners who happen to be given the right target it is every second, and more.
        Assert.InRange(changed / (double)miners, 0, 0.05);

        foreach (var factor in new[] { 0.001, 0.1, 10, 1000 })
        {
            var errors = new List<double>();
            for (var seed = 0; seed < 200; seed++)
            {
                var miner = Returning(1e7, factor, seed);
                miner.RunShares(50);
                errors.Add(Math.Abs(miner.Error));
            }
            errors.Sort();
            Assert.True(errors[100] <= 0.20, $"{errors[100]} at {factor}");
        }

        static Simulation Returning(double rate, double factor, int seed) =>
            new(rate * factor, new Vardiff(Interval, Hardest, Easiest, Targets.FromAttempts(rate * 10), Start, returns: true), Start, seed);
    }

    [Fact]
    public void ReturningMiner_ThatIsMuchTooSlow_GetsHalfTheDifficultyAfterFourIntervals_ThenEveryInterval()
    {
        var vardiff = new Vardiff(Interval, Hardest, Easiest, Targets.FromAttempts(1e9), Start, returns: true);
        for (var step = 4; step <= 8; step++)
        {
            var before = Targets.AverageAttempts(vardiff.Target).ToDouble();
            Assert.False(vardiff.Tick(Start + step * Interval - TimeSpan.FromMilliseconds(1)));
            Assert.True(vardiff.Tick(Start + step * Interval));
            Assert.Equal(0.5, Targets.AverageAttempts(vardiff.Target).ToDouble() / before, 1e-6);
        }
    }

    [Fact]
    public void Miner_ThatSubmittedOnce_IsGivenMoreTimeBeforeItBecomesEasier()
    {
        var vardiff = New(Targets.FromAttempts(1e7));
        for (var i = 1; i <= 8; i++) vardiff.Submitted(1e7, Start + i * Interval);
        var target = vardiff.Target;
        Assert.Equal(Targets.FromAttempts(1e7), target);
        vardiff.Submitted(1e7, Start + 9 * Interval);
        Assert.False(vardiff.Tick(Start + 13 * Interval));
    }

    [Fact]
    public void Submissions_OfOlderEasierJobs_DoNotMakeItHarder()
    {
        var vardiff = New(Targets.FromAttempts(1e7));
        // A tenth of the work each, ten times as often: the same rate.
        for (var i = 1; i <= 79; i++) vardiff.Submitted(1e6, Start + i * (Interval / 10));
        Assert.Equal(Targets.FromAttempts(1e7), vardiff.Target);
    }

    [Fact]
    public void Target_NeverLeavesItsBounds()
    {
        var vardiff = New(UInt256.MaxValue);
        Assert.Equal(Easiest, vardiff.Target);
        Assert.False(vardiff.Tick(Start + Interval));
        Assert.False(vardiff.Suggest(UInt256.MaxValue, Start));
        Assert.True(vardiff.Suggest(UInt256.Zero, Start));
        Assert.Equal(Hardest, vardiff.Target);
        for (var i = 0; i < 100; i++) vardiff.Submitted(1e30, Start);
        Assert.Equal(Hardest, vardiff.Target);
    }

    private static Vardiff New(UInt256 start) => new(Interval, Hardest, Easiest, start, Start);

    /// <summary>A miner whose solutions come at random (exponential) times, and who is told the difficulty at once.</summary>
    private sealed class Simulation(double rate, Vardiff vardiff, DateTimeOffset now, int seed)
    {
        private readonly Random _random = new(seed);
        private DateTimeOffset _now = now;
        private int _shares;

        public Simulation(double rate, UInt256 start, int seed) : this(rate, New(start), Start, seed)
        {
        }

        public double Rate { get; set; } = rate;

        public double MostWork { get; init; } = double.MaxValue;

        public Vardiff Vardiff => vardiff;

        public List<DateTimeOffset> Changes { get; } = [];

        /// <summary>The assigned difficulty against what the rate asks for: 0.1 is a tenth too hard.</summary>
        public double Error => Targets.AverageAttempts(vardiff.Target).ToDouble() / (Rate * Interval.TotalSeconds) - 1;

        public void Run(TimeSpan time)
        {
            var end = _now + time;
            while (_now < end) Step();
        }

        public void RunShares(int count)
        {
            while (_shares < count) Step();
        }

        private void Step()
        {
            var work = Math.Min(Targets.AverageAttempts(vardiff.Target).ToDouble(), MostWork);
            var next = _now + TimeSpan.FromSeconds(Math.Min(-Math.Log(1 - _random.NextDouble()) * work / Rate, 1e6));
            var tick = _now + TimeSpan.FromSeconds(1);
            // Solutions have no memory: the draw may be repeated after every second.
            _now = next < tick ? next : tick;
            if (next < tick) _shares++;
            if (next < tick ? vardiff.Submitted(work, _now) : vardiff.Tick(_now)) Changes.Add(_now);
        }
    }
}
