using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What our next share announces of those that were lost.</summary>
public class OwnSharesTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin with { ChainLength = 20, TargetLookbehind = 20 };
    private static readonly DateTimeOffset Now = ChainSteps.Time(1_800_000_000);

    private readonly ShareChain _chain = new(Network, FixedHeights.AllAt(0), (_, _) => null);

    [Fact]
    public void OwnShareInChain_Counted_AnnouncesNothing()
    {
        Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1, own: true), MadeShare.Of(3, 2));
        Assert.Equal(new OwnShareCounts(Made: 1, Orphaned: 0, Dead: 0, OrphansAnnounced: 0, DeadAnnounced: 0), _chain.OwnShares);
        Assert.Equal(StaleInfo.None, _chain.OwnShares.StaleInfo);
    }

    [Fact]
    public void OwnShareLost_UntilAnnounced_IsToldAsOrphan()
    {
        Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1, own: true, seenAt: 9), MadeShare.Of(3, 1, seenAt: 5));
        Assert.Equal(MadeShare.Hash(3), _chain.BestHash());
        Assert.Equal(StaleInfo.Orphan, _chain.OwnShares.StaleInfo);

        Add(MadeShare.Of(4, 3, own: true, stale: StaleInfo.Orphan));
        Assert.Equal(new OwnShareCounts(2, 1, 0, 1, 0), _chain.OwnShares);
        Assert.Equal(StaleInfo.None, _chain.OwnShares.StaleInfo);

        // Another's announcement is not ours.
        Add(MadeShare.Of(5, 1, own: true), MadeShare.Of(6, 4, stale: StaleInfo.Orphan));
        Assert.Equal(new OwnShareCounts(3, 2, 0, 1, 0), _chain.OwnShares);
        Assert.Equal(StaleInfo.Orphan, _chain.OwnShares.StaleInfo);
    }

    [Fact]
    public void DeadShare_UntilAnnounced_IsToldAfterOrphans()
    {
        Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1), MadeShare.Of(3, 1, own: true, dead: true, seenAt: 9), MadeShare.Of(4, 1, own: true, seenAt: 9));
        Assert.Equal(new OwnShareCounts(2, 1, 1, 0, 0), _chain.OwnShares);
        Assert.Equal(StaleInfo.Orphan, _chain.OwnShares.StaleInfo);

        Add(MadeShare.Of(5, 2, own: true, stale: StaleInfo.Orphan));
        Assert.Equal(StaleInfo.Dead, _chain.OwnShares.StaleInfo);

        Add(MadeShare.Of(6, 5, own: true, stale: StaleInfo.Dead));
        Assert.Equal(new OwnShareCounts(4, 1, 1, 1, 1), _chain.OwnShares);
        Assert.Equal(StaleInfo.None, _chain.OwnShares.StaleInfo);

        // Another's announcement is not ours.
        Add(MadeShare.Of(7, 6, stale: StaleInfo.Dead));
        Assert.Equal(new OwnShareCounts(4, 1, 1, 1, 1), _chain.OwnShares);
    }

    [Fact]
    public void DeadShareThatWasBuiltOn_Counted_IsNotLost()
    {
        Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1, own: true, dead: true), MadeShare.Of(3, 2), MadeShare.Of(4, 3, dead: true));
        Assert.Equal(MadeShare.Hash(4), _chain.BestHash());
        Assert.Equal(new OwnShareCounts(1, 0, 0, 0, 0), _chain.OwnShares);
    }

    [Fact]
    public void DeadShareWithFourSiblings_Added_IsCountedAndNotKept()
    {
        Add([MadeShare.Of(1, 0), .. Enumerable.Range(2, 4).Select(i => MadeShare.Of(i, 1))]);
        var dead = MadeShare.Of(9, 1, own: true, dead: true);
        for (var offer = 0; offer < 3; offer++)
            Assert.Equal(new ShareOutcome(MadeShare.Hash(9), ShareVerdict.NotKept, null, ParentMissing: false), Assert.Single(Add(dead).Outcomes));
        Assert.Null(_chain.Find(MadeShare.Hash(9)));
        Assert.Equal(new OwnShareCounts(1, 0, 1, 0, 0), _chain.OwnShares);

        Assert.Equal(ShareVerdict.Verified, Assert.Single(Add(MadeShare.Of(10, 1, own: true)).Outcomes).Verdict);
        Assert.Equal(ShareVerdict.Verified, Assert.Single(Add(MadeShare.Of(11, 1, dead: true)).Outcomes).Verdict);
    }

    [Fact]
    public void DeadShareWithThreeSiblings_Added_IsKept()
    {
        Add([MadeShare.Of(1, 0), .. Enumerable.Range(2, 3).Select(i => MadeShare.Of(i, 1))]);
        Assert.Equal(ShareVerdict.Verified, Assert.Single(Add(MadeShare.Of(9, 1, own: true, dead: true)).Outcomes).Verdict);
    }

    [Fact]
    public void OwnShares_LeavingByAge_CountAsInTheChain()
    {
        for (var i = 1; i <= 100; i++) Add(MadeShare.Of(i, i - 1, own: i % 2 == 0, dead: i % 4 == 0, stale: i % 8 == 0 ? StaleInfo.Orphan : StaleInfo.None));
        var before = _chain.OwnShares;
        Assert.Equal(new OwnShareCounts(50, 0, 0, 12, 0), before);
        for (var i = 101; i <= 200; i++) Add(MadeShare.Of(i, i - 1));
        _chain.Prune(Now);
        Assert.Null(_chain.Find(MadeShare.Hash(90)));
        Assert.NotNull(_chain.Find(MadeShare.Hash(95)));
        Assert.Equal(before, _chain.OwnShares);
    }

    [Fact]
    public void LostOwnShare_PrunedAndOfferedAgain_IsCountedOnce()
    {
        Add([.. Enumerable.Range(1, 30).Select(i => MadeShare.Of(i, i - 1)), .. Enumerable.Range(31, 8).Select(i => MadeShare.Of(i, 10, own: true))]);
        Assert.Equal(8, _chain.OwnShares.Orphaned);
        var removed = _chain.Prune(Now).Removed;
        // The best head and the four best of the others stay, whatever their age.
        Assert.Equal(4, removed.Length);
        Assert.Equal(8, _chain.OwnShares.Orphaned);
        Add([.. removed]);
        Assert.Equal(8, _chain.OwnShares.Orphaned);
    }

    private ChainChange Add(params KnownShare[] shares) => _chain.Add(shares, Now);
}
