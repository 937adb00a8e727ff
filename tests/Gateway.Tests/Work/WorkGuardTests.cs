using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Work;

public class WorkGuardTests
{
    private static readonly WorkPatience Patience = new();
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly Hash256 Tip = Hash256.FromNumber(1);

    [Fact]
    public void SilosThatAnswer_NeedNoDaemon()
    {
        var guard = new WorkGuard(Patience, Start);
        for (var seconds = 0; seconds < 10_000; seconds += 2)
        {
            var now = Start.AddSeconds(seconds);
            guard.Confirmed(now);
            Assert.Null(guard.StopReason(now.AddSeconds(2)));
            Assert.False(guard.WantsOwnLook(now.AddSeconds(2)));
        }
    }

    [Fact]
    public void SilosAway_WithADaemonThatConfirms_MiningEndsAfterFiveMinutes()
    {
        var guard = new WorkGuard(Patience, Start);
        Assert.InRange(StopsAfter(guard, _ => Tip), 300, 301);
    }

    [Fact]
    public void SilosAway_WithoutADaemon_MiningEndsAfterAMinute() => Assert.InRange(StopsAfter(new WorkGuard(Patience, Start), _ => null), 60, 61);

    [Fact]
    public void SilosAway_AndTheTipMoves_MiningEndsSoon() => Assert.InRange(
        StopsAfter(new WorkGuard(Patience, Start), second => second < 100 ? Tip : Hash256.FromNumber(2)), 115, 117);

    [Fact]
    public void SiloWithoutWork_IsBelievedAfterAWhile()
    {
        var guard = new WorkGuard(Patience, Start);
        for (var second = 0; second <= 20; second++)
        {
            guard.Denied("no daemon works", Start.AddSeconds(second));
            Assert.Null(guard.StopReason(Start.AddSeconds(second)));
        }
        Assert.Equal("no daemon works", guard.StopReason(Start.AddSeconds(21)));
        guard.Confirmed(Start.AddSeconds(22));
        Assert.Null(guard.StopReason(Start.AddSeconds(22)));
    }

    private static int StopsAfter(WorkGuard guard, Func<int, Hash256?> daemon)
    {
        for (var second = 0; second < 1_000; second++)
        {
            var now = Start.AddSeconds(second);
            if (guard.StopReason(now) is not null) return second;
            if (guard.WantsOwnLook(now) && daemon(second) is { } tip) guard.Saw(tip, Tip, now);
        }
        return int.MaxValue;
    }
}
