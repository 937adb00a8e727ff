namespace Grainpool.LoadGenerator.Tests;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    public void Quantile_IsThatOfTheSortedTimes_WithinItsBuckets(double part)
    {
        var histogram = new LatencyHistogram();
        var random = new Random(7);
        var times = Enumerable.Range(0, 10_000).Select(_ => TimeSpan.FromMicroseconds(Math.Exp(random.NextDouble() * 14))).ToList();
        foreach (var time in times) histogram.Add(time);
        var exact = times.Order().ElementAt((int)Math.Ceiling(times.Count * part) - 1);
        Assert.Equal(times.Count, histogram.Count);
        Assert.InRange(histogram.Quantile(part) / exact, 0.999, 1.04);
        Assert.InRange(histogram.Largest / times.Max(), 0.999, 1.001);
    }

    [Fact]
    public void NothingCounted_IsZero() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.99));
}
