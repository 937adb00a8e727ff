using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Gateway.Tests;

public sealed class LoadingProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(int Percent, double Left)> _told = [];

    [Fact]
    public void SlowStart_IsToldEveryFewSecondsWithTheTimeLeft()
    {
        var progress = Begin();
        foreach (var fraction in new[] { 0, 0.05, 0.1, 0.15, 0.2, 0.25 })
        {
            progress.Report(fraction);
            _time.Advance(LoadingProgress.Interval / 2);
        }
        // After 3 and 6 seconds of a work that does a tenth in 3.
        Assert.Equal([(10, 27.0), (20, 24.0)], _told.Select(told => (told.Percent, Math.Round(told.Left, 6))));
    }

    [Fact]
    public void QuickStart_IsNotTold()
    {
        var progress = Begin();
        for (var percent = 0; percent <= 100; percent++)
            progress.Report(percent / 100.0);
        _time.Advance(10 * LoadingProgress.Interval);
        progress.Report(1);
        Assert.Empty(_told);
    }

    private LoadingProgress Begin() => new(_time, (percent, left) => _told.Add((percent, left.TotalSeconds)));
}
