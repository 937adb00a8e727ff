using Grainpool.Grains.Peers;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>What people are told about a download.</summary>
public sealed class SyncGaugeTests
{
    private readonly SyncGauge _gauge = new(1000);
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void SteadyDownload_IsToldInPercentAndTimeLeft()
    {
        for (var shares = 0; shares <= 500; shares += 10) Measure(shares);
        var progress = _gauge.Tell(500);
        Assert.Equal((50, 1000, false, false), (progress.Percent, progress.Goal, progress.IsSynced, progress.IsComplete));
        Assert.Equal(10, progress.SharesPerSecond, 0.1);
        Assert.Equal(50, progress.TimeLeft!.Value.TotalSeconds, 1.0);
    }

    [Fact]
    public void NothingComing_HasNoTimeLeft()
    {
        Measure(5);
        Measure(5);
        Assert.Null(_gauge.Tell(5).TimeLeft);
    }

    [Fact]
    public void YoungNetwork_HasASmallerGoal()
    {
        _gauge.Measure(30, 60, _now);
        Assert.Equal((60, 50), (_gauge.Tell(30).Goal, _gauge.Tell(30).Percent));
        _gauge.Measure(30, uint.MaxValue, _now);
        Assert.Equal(1000, _gauge.Tell(30).Goal);
    }

    [Fact]
    public void EnoughToWorkWith_IsNotAllYet()
    {
        Measure(600);
        _gauge.Finish();
        Assert.Equal((true, false, 60), (_gauge.Tell(600).IsSynced, _gauge.Tell(600).IsComplete, _gauge.Tell(600).Percent));
        _gauge.Complete();
        Assert.Equal((true, true, 100, null), (_gauge.Tell(600).IsSynced, _gauge.Tell(600).IsComplete, _gauge.Tell(600).Percent, _gauge.Tell(600).TimeLeft));
    }

    [Fact]
    public void MoreSharesThanTheGoal_AreNotAllOfThem_UntilThatIsKnown()
    {
        Measure(1200);
        Assert.Equal(99.9, _gauge.Tell(1200).Percent);
    }

    private void Measure(int shares) => _gauge.Measure(shares, uint.MaxValue, _now += TimeSpan.FromSeconds(1));
}
