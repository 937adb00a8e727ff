using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>All shares that running nodes saw, offered to the chain as they came: each must get the verdict it got there.</summary>
public class LiveVerdictTests
{
    [Theory]
    [InlineData("mini", 10)]
    [InlineData("mini120", 1)]
    public void SharesOfRunningNodes_OfferedParentsFirst_GetTheirVerdicts(string name, int refusals)
    {
        var live = LiveShares.Named(name);
        var chain = new ShareChain(live.Network, FixedHeights.AllAt(0));
        var refused = 0;
        foreach (var record in ParentsFirst(live))
        {
            var change = chain.Add(ChainSteps.Time(record.FirstSeen), record.Share.SeenAt(record.FirstSeen));
            var outcome = Assert.Single(change.Outcomes);
            Assert.Equal(record.Share.Hash, outcome.Hash);
            Assert.Equal((record.Share.Hash, record.IsVerified), (outcome.Hash, outcome.Verdict == ShareVerdict.Verified));
            Assert.Equal(record.IsVerified, chain.IsVerified(record.Share.Hash));
            Assert.Equal(record.IsVerified && record.IsBlock, change.SolvedBlocks.Length == 1);
            if (record.IsVerified) continue;

            refused++;
            Assert.Equal(ShareVerdict.Refused, outcome.Verdict);
            Assert.Equal(record.IsGood, outcome.Refusal == ShareRefusal.TimestampInFuture);
            Assert.Null(chain.Find(record.Share.Hash));
        }
        Assert.Equal(refusals, refused);
        Assert.Equal(live.MainChain[0], chain.BestHash());
        Assert.Equal(live.MainChain, chain.Line(live.MainChain[0], int.MaxValue).Select(known => known.Share.Hash));
        Assert.Equal(
            live.MainChain.Take(live.Network.ChainLength).Where(hash => live[hash].SolvesBlock),
            chain.Statistics!.RecentBlocks().Select(known => known.Share.Hash));
    }

    [Theory]
    [InlineData("mini")]
    [InlineData("mini120")]
    public void SharesOfRunningNodes_OfferedAllAtOnce_LeadToTheSameBest(string name)
    {
        var live = LiveShares.Named(name);
        var chain = new ShareChain(live.Network, FixedHeights.AllAt(0));
        var change = chain.Add(
            ChainSteps.Time(live.All.Max(record => record.FirstSeen)), live.All.Select(record => record.Share.SeenAt(record.FirstSeen)));

        // A share ahead of the clock then is not ahead of it now.
        Assert.Equal(live.All.Where(record => !record.IsGood).Select(record => record.Share.Hash), Refused(change));
        Assert.Equal(live.MainChain[0], chain.BestHash());
        Assert.Equal(live.MainChain[0], change.NewBest?.Share.Hash);
    }

    private static IEnumerable<Hash256> Refused(ChainChange change) =>
        change.Outcomes.Where(outcome => outcome.Verdict == ShareVerdict.Refused).Select(outcome => outcome.Hash);

    // A few arrived before their parents and had to wait for them; here everything waits until it can be judged.
    private static IEnumerable<LiveShares.Record> ParentsFirst(LiveShares live)
    {
        var done = new HashSet<Hash256> { Hash256.Zero };
        var waiting = live.All.ToList();
        while (waiting.FirstOrDefault(record => done.Contains(record.Share.PreviousShare)) is { } next)
        {
            waiting.Remove(next);
            done.Add(next.Share.Hash);
            yield return next;
        }
        Assert.Empty(waiting);
    }
}
