using Grainpool.P2Pool.Peers;

namespace Grainpool.P2Pool.Tests.Peers;

public sealed class AllowanceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Allowance _allowance = new(most: 10, perSecond: 2, Start);

    [Fact]
    public void Allowance_Taken_IsGivenToTheLastAndNoFurther()
    {
        Assert.False(_allowance.TryTake(11, Start));
        Assert.True(_allowance.TryTake(4, Start));
        Assert.True(_allowance.TryTake(6, Start));
        Assert.False(_allowance.TryTake(1, Start));
    }

    [Fact]
    public void Allowance_LeftAlone_ComesBackUpToTheMost()
    {
        Assert.True(_allowance.TryTake(10, Start));
        Assert.False(_allowance.TryTake(3, Start.AddSeconds(1)));
        Assert.True(_allowance.TryTake(2, Start.AddSeconds(1)));
        Assert.False(_allowance.TryTake(11, Start.AddHours(1)));
        Assert.True(_allowance.TryTake(10, Start.AddHours(1)));
    }

    [Fact]
    public void ClockThatGoesBack_TakesNothingAway()
    {
        Assert.True(_allowance.TryTake(5, Start));
        Assert.True(_allowance.TryTake(5, Start.AddHours(-1)));
        Assert.False(_allowance.TryTake(1, Start.AddHours(-1)));
    }
}
