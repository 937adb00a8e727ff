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

    [Theory]
    [InlineData(2e5)]
    [InlineData(1e6)]
    [InlineData(5e7)]
    [InlineData(1e10)]
    public void Miner_OfAnyRate_ComesNearTheIntervalWithinMinutes(double rate)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var miner = new Simulation(rate, Targets.FromAttempts(1 << 24), seed);
            miner.Run(TimeSpan.FromMinutes(10));
            var expected = Targets.AverageAttempts(miner.Vardiff.Target).ToDouble() / rate;
            Assert.InRange(expected, Interval.TotalSeconds / 4, Interval.TotalSeconds * 4);
        }
    }

    [Fact]
    public void Miner_AtItsPace_IsSeldomDisturbed()
    {
        var changes = 0;
        for (var seed = 0; seed < 50; seed++)
        {
            var miner = new Simulation(1e6, Targets.FromAttempts(1e7), seed);
            miner.Run(TimeSpan.FromHours(1));
            changes += miner.Changes;
        }
        // 360 submissions an hour; every change restarts the miner's threads.
        Assert.InRange(changes / 50.0, 0, 3);
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
    public void Miner_ThatSubmittedOnce_IsGivenMoreTimeBeforeItBecomesEasier()
    {
        var vardiff = New(Targets.FromAttempts(1e7));
        for (var i = 1; i <= 8; i++) vardiff.Submitted(1e7, Start + i * Interval);
        var last = Start + 8 * Interval;
        Assert.False(vardiff.Tick(last + 7 * Interval));
        Assert.True(vardiff.Tick(last + 8 * Interval));
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
    private sealed class Simulation(double rate, UInt256 start, int seed)
    {
        private readonly Random _random = new(seed);
        private DateTimeOffset _now = Start;

        public Vardiff Vardiff { get; } = New(start);

        public int Changes { get; private set; }

        public void Run(TimeSpan time)
        {
            var end = _now + time;
            while (_now < end)
            {
                var work = Targets.AverageAttempts(Vardiff.Target).ToDouble();
                var next = _now + TimeSpan.FromSeconds(Math.Min(-Math.Log(1 - _random.NextDouble()) * work / rate, 1e6));
                var tick = _now + TimeSpan.FromSeconds(1);
                // Solutions have no memory: the draw may be repeated after every second.
                _now = next < tick ? next : tick;
                if (next < tick ? Vardiff.Submitted(work, _now) : Vardiff.Tick(_now)) Changes++;
            }
        }
    }
}
