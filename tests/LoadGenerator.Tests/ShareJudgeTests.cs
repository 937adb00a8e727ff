using System.Diagnostics;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.LoadGenerator.Tests;

/// <summary>Who was left out of a new share, by times that are made up.</summary>
public sealed class ShareJudgeTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(13, false)]
    [InlineData(14, true)]
    public void MissedShare_IsSaidAfterTheGrace(int at, bool isSaid)
    {
        var (round, first, second) = Two();
        first.Take(round, isFirst: false, clean: true, At(11.5));
        Assert.Null(first.LeftOut(round, At(at)));
        Assert.Equal(isSaid ? TimeSpan.FromSeconds(at - 11.5) : null, second.LeftOut(round, At(at)));
    }

    [Fact]
    public void MissedShare_IsSaidOnce_AndTheNextOneAgain()
    {
        var (round, first, second) = Two();
        first.Take(round, isFirst: false, clean: true, At(10));
        Assert.NotNull(second.LeftOut(round, At(13)));
        Assert.Null(second.LeftOut(round, At(14)));
        second.Take(round, isFirst: false, clean: true, At(15));
        Assert.Null(second.LeftOut(round, At(20)));
        first.Take(round, isFirst: false, clean: true, At(25));
        Assert.Null(second.LeftOut(round, At(26)));
        Assert.NotNull(second.LeftOut(round, At(28)));
    }

    [Fact]
    public void JobOfAnotherKind_DoesNotMakeUpForAMissedShare()
    {
        var (round, first, second) = Two();
        first.Take(round, isFirst: false, clean: true, At(10));
        second.Take(round, isFirst: false, clean: false, At(10.5));
        Assert.NotNull(second.LeftOut(round, At(13)));
    }

    [Fact]
    public void ShareThatIsReadLate_IsNoMissedOne()
    {
        var (round, first, second) = Two();
        first.Take(round, isFirst: false, clean: true, At(10));
        Assert.Null(second.LeftOut(round, At(11.5)));
        second.Take(round, isFirst: false, clean: true, At(11.9));
        for (var at = 12; at < 30; at++)
        {
            Assert.Null(first.LeftOut(round, At(at)));
            Assert.Null(second.LeftOut(round, At(at)));
        }
    }

    [Fact]
    public void ManySharesMissed_AreSeen_HoweverClosely()
    {
        var (round, first, second) = Two();
        var said = 0;
        for (var at = 3.0; at < 20; at += 0.5)
        {
            first.Take(round, isFirst: false, clean: true, At(at));
            if (second.LeftOut(round, At(at)) is not null) said++;
        }
        Assert.Equal(1, said);
    }

    [Fact]
    public void SharesAtAnyTimes_ReadByAllWithinTheGrace_AreNeverMissed_AndOneThatStandsAloneAlwaysIs()
    {
        var random = new Random(7);
        var runsWithOneMissed = 0;
        for (var run = 0; run < 200; run++)
        {
            var round = new Round(Hash256.Zero, 1, At(1));
            var judges = Enumerable.Range(0, 5).Select(_ => new ShareJudge(Grace)).ToArray();
            var events = new List<(double At, int Who, bool IsFirst)>();
            for (var who = 0; who < judges.Length; who++) events.Add((1 + random.NextDouble(), who, true));
            var shares = new List<double>();
            for (var at = 4.0; at < 60; at += random.Next(3) == 0 ? 6 + random.NextDouble() : 3 * random.NextDouble()) shares.Add(at);
            // Two graces of silence on each side, and as much as a round may take.
            var alone = Enumerable.Range(1, shares.Count - 2).Where(i => shares[i] - shares[i - 1] > 6 && shares[i + 1] - shares[i] > 6).Cast<int?>().FirstOrDefault();
            var missed = run % 2 == 0 ? alone : null;
            for (var i = 0; i < shares.Count; i++)
            {
                for (var who = 0; who < judges.Length; who++)
                    if (i != missed || who != 3) events.Add((shares[i] + 1.99 * random.NextDouble(), who, false));
            }
            var said = new List<int>();
            var nextLook = 1.0;
            foreach (var (at, who, isFirst) in events.OrderBy(each => each.At))
            {
                for (; nextLook < at; nextLook++)
                    for (var i = 0; i < judges.Length; i++)
                        if (judges[i].LeftOut(round, At(nextLook)) is not null) said.Add(i);
                judges[who].Take(round, isFirst, clean: !isFirst, At(at));
            }
            Assert.Equal(missed is null ? [] : [3], said);
            if (missed is not null) runsWithOneMissed++;
        }
        Assert.True(runsWithOneMissed > 30, $"{runsWithOneMissed}");
    }

    private static long At(double seconds) => (long)(seconds * Stopwatch.Frequency);

    // Two connections whose first jobs on the block are a second apart.
    private static (Round Round, ShareJudge First, ShareJudge Second) Two()
    {
        var round = new Round(Hash256.Zero, 1, At(1));
        var (first, second) = (new ShareJudge(Grace), new ShareJudge(Grace));
        first.Take(round, isFirst: true, clean: true, At(1));
        second.Take(round, isFirst: true, clean: false, At(2));
        return (round, first, second);
    }
}
