using System.Collections.Immutable;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What the chain tells its caller, and what it does not keep.</summary>
public class ShareChainTests
{
    private const int ChainLength = 40;
    private const uint Start = 1_800_000_000;
    private const int LongShare = 1_000_000;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin with { ChainLength = ChainLength, TargetLookbehind = 20 };
    private static readonly DateTimeOffset Now = ChainSteps.Time(Start);
    private static readonly PeerEndpoint Alice = new("203.0.113.1", 9346);
    private static readonly PeerEndpoint Bob = new("203.0.113.2", 40000);

    private static readonly ImmutableArray<byte> LongBytes = [.. new byte[LongShare]];

    private readonly HashSet<Hash256> _bad = [];
    private readonly ShareChain _chain;

    public ShareChainTests() =>
        _chain = new ShareChain(Network, FixedHeights.AllAt(0), (node, _) => _bad.Contains(node.Hash) ? ShareRefusal.Coinbase : null);

    [Fact]
    public void EmptyChain_Asked_OffersTheStartOfAChain()
    {
        var template = new TemplateWork(Hash256.Zero, 7, Hash256.Zero, 0x20000000, new CompactTarget(0x1d00ffff), 0, 50, [], Hash256.Zero, [], 0);
        var work = _chain.BuildWork(template);
        Assert.Null(_chain.Best);
        Assert.Null(_chain.Statistics);
        Assert.Equal((Hash256.Zero, 1u, 0u, (UInt128)0, Hash256.Zero, 0), (work.PreviousShare, work.AbsoluteHeight, work.MinimumTimestamp, work.ParentAbsoluteWork, work.FarShare, work.ParentHeight));
        Assert.Equal(Network.MaxTarget, work.MaxTarget);
        Assert.Equal(UInt256.Zero, work.Weights.Total);
        Assert.Equal(0, work.PoolAttemptsPerSecond);
        Assert.Empty(_chain.Evaluate(Now).MissingParents);
    }

    [Fact]
    public void SameShareTwice_Added_IsKnownTheSecondTime()
    {
        var share = MadeShare.Of(1, 0);
        Assert.Equal([ShareVerdict.Verified, ShareVerdict.AlreadyKnown], Add(share, share).Outcomes.Select(outcome => outcome.Verdict));
        var again = Add(share);
        Assert.Equal(ShareVerdict.AlreadyKnown, Assert.Single(again.Outcomes).Verdict);
        Assert.Null(again.NewBest);
        Assert.Equal(1, _chain.Count);
    }

    [Fact]
    public void SharesThatFailForGood_UnderManyHeads_AreJudgedOnceAndDoNotKeepTheChainFromItsEnd()
    {
        const int Failing = 25;
        var judged = 0;
        var chain = new ShareChain(Network, FixedHeights.AllAt(0), (node, _) =>
        {
            judged++;
            return _bad.Contains(node.Hash) ? ShareRefusal.Coinbase : null;
        })
        {
            MostVerifications = 10,
        };
        // Each of these heads is in order and stands on a first share that is not.
        for (var i = 0; i < Failing; i++) _bad.Add(MadeShare.Hash(1000 + i));
        var shares = Enumerable.Range(0, Failing).SelectMany(i => new[] { MadeShare.Of(1000 + i, 0), MadeShare.Of(2000 + i, 1000 + i) })
            .Concat(Enumerable.Range(1, 30).Select(i => MadeShare.Of(i, i - 1)));
        var change = chain.Add(Now, shares);
        for (var turns = 0; change.IsUnfinished; turns++)
        {
            Assert.InRange(turns, 0, 20);
            change = chain.Evaluate(Now);
        }
        Assert.Equal(MadeShare.Hash(30), chain.BestHash());
        Assert.Equal(2 * Failing + 30, judged);
        Assert.False(chain.Evaluate(Now).IsUnfinished);
        Assert.Equal(2 * Failing + 30, judged);
    }

    [Fact]
    public void HeadNotBuiltOn_WithNothingBelow_StillSaysHowOldAnAncestorMayBeAskedFor()
    {
        const uint LongAgo = Start - 100_000;
        var classic = KnownNetworks.VertcoinClassic with { ChainLength = ChainLength };
        var chain = new ShareChain(classic, FixedHeights.AllAt(0), (_, _) => null) { CurrentBlock = new CurrentBlock(MadeShare.Hash(999), default) };
        var change = chain.Add(Now, MadeShare.Of(1, 0, timestamp: LongAgo, previousBlock: 5, from: Alice), MadeShare.Of(20, 19, timestamp: LongAgo - 3600), MadeShare.Of(30, 29, timestamp: LongAgo - 3601));
        Assert.Equal(1, chain.VerifiedCount);
        Assert.Null(chain.Best);
        Assert.Equal([MadeShare.Hash(19)], change.MissingParents.Select(missing => missing.Hash));
    }

    [Fact]
    public void ShareOfTheFuture_IsJudgedAgainWhenItsTimeHasCome()
    {
        var early = true;
        var chain = new ShareChain(Network, FixedHeights.AllAt(0), (node, _) => early && node.Hash == MadeShare.Hash(1) ? ShareRefusal.TimestampInFuture : null);
        chain.Add(Now, MadeShare.Of(1, 0), MadeShare.Of(2, 1));
        Assert.Equal(1, chain.VerifiedCount);
        early = false;
        chain.Evaluate(Now);
        Assert.Equal(2, chain.VerifiedCount);
    }

    [Fact]
    public void HeldShares_JudgedInALaterCall_AreToldAsSettled()
    {
        _bad.Add(MadeShare.Hash(2));
        Assert.Empty(Add(MadeShare.Of(3, 2)).Settled);
        Assert.Empty(Add(MadeShare.Of(2, 1), MadeShare.Of(4, 2)).Settled);
        var change = Add(MadeShare.Of(1, 0));
        // Down from a head that passes; the first share itself is told as an outcome.
        Assert.Equal(
            [(MadeShare.Hash(2), ShareRefusal.Coinbase), (MadeShare.Hash(3), null), (MadeShare.Hash(4), (ShareRefusal?)null)],
            change.Settled.Select(settled => (settled.Share.Share.Hash, settled.Refusal)).OrderBy(settled => settled.Hash));
        Assert.Empty(_chain.Evaluate(Now).Settled);
    }

    [Fact]
    public void RefusedShareThatOthersBuildOn_Stays_AndIsNotToldAsRemoved()
    {
        _bad.UnionWith([MadeShare.Hash(2), MadeShare.Hash(3)]);
        var change = Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1), MadeShare.Of(3, 2), MadeShare.Of(4, 2));
        Assert.Equal([MadeShare.Hash(3)], change.Removed.Select(share => share.Share.Hash));
        Assert.NotNull(_chain.Find(MadeShare.Hash(2)));
    }

    // As the legacy nodes do, which remove it when they come to it by the last of the heads.
    [Fact]
    public void RefusedShareBelowSeveralRefusedHeads_IsRemovedWithThem()
    {
        _bad.UnionWith([MadeShare.Hash(2), MadeShare.Hash(3), MadeShare.Hash(4)]);
        var change = Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1), MadeShare.Of(3, 2), MadeShare.Of(4, 2));
        Assert.Equal([MadeShare.Hash(2), MadeShare.Hash(3), MadeShare.Hash(4)], change.Removed.Select(share => share.Share.Hash).Order());
        Assert.Equal(1, _chain.Count);
    }

    [Fact]
    public void SharesJudgedAtOnce_AreToldByTheirOutcomesOnly_OnesSentAgainAsSettled()
    {
        Assert.Empty(Add(MadeShare.Of(1, 0)).Settled);
        Add(MadeShare.Of(3, 2));
        var change = Add(MadeShare.Of(2, 1), MadeShare.Of(3, 2));
        Assert.Equal([ShareVerdict.Verified, ShareVerdict.AlreadyKnown], change.Outcomes.Select(outcome => outcome.Verdict));
        Assert.Equal([MadeShare.Hash(3)], change.Settled.Select(settled => settled.Share.Share.Hash));
    }

    [Fact]
    public void LimitOfVerifications_IsNotUsedUpByWhatIsVerified()
    {
        _chain.MostVerifications = 1;
        Add(MadeShare.Of(1, 0));
        _bad.Add(MadeShare.Hash(2));
        var change = Add(MadeShare.Of(2, 1));
        Assert.Equal(ShareVerdict.Refused, Assert.Single(change.Outcomes).Verdict);
        Assert.False(change.IsUnfinished);
    }

    [Fact]
    public void RefusedShare_Added_IsToldRemovedAndItsOriginNamed()
    {
        _bad.Add(MadeShare.Hash(3));
        Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1, from: Alice));
        var change = Add(MadeShare.Of(3, 2, from: Bob), MadeShare.Of(4, 2, from: Alice));
        Assert.Equal(
            [new ShareOutcome(MadeShare.Hash(3), ShareVerdict.Refused, ShareRefusal.Coinbase, false), new ShareOutcome(MadeShare.Hash(4), ShareVerdict.Verified, null, false)],
            change.Outcomes);
        Assert.Equal([Bob], change.BadOrigins);
        Assert.Equal([MadeShare.Hash(3)], change.Removed.Select(share => share.Share.Hash));
        Assert.Equal(MadeShare.Hash(4), change.NewBest?.Share.Hash);
        Assert.Empty(_chain.Evaluate(Now).BadOrigins);
    }

    [Fact]
    public void ShareOfUnknownParent_Added_IsHeldAndItsParentWanted()
    {
        Add(MadeShare.Of(1, 0, timestamp: Start));
        var change = Add(MadeShare.Of(9, 8, timestamp: Start, from: Bob), MadeShare.Of(10, 9, timestamp: Start + 20));
        Assert.Equal(
            [new ShareOutcome(MadeShare.Hash(9), ShareVerdict.Held, null, ParentMissing: true), new ShareOutcome(MadeShare.Hash(10), ShareVerdict.Held, null, ParentMissing: false)],
            change.Outcomes);
        Assert.Equal([new MissingParent(MadeShare.Hash(8), Start + 20, Bob)], change.MissingParents);
        Assert.Equal([MadeShare.Hash(9)], _chain.ChildrenOf(MadeShare.Hash(8)));
        Assert.Equal([Hash256.Zero, MadeShare.Hash(8)], _chain.Tails.Order());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(3600, true)]
    [InlineData(3601, false)]
    public void MissingParentWithABestShare_OfAnOldHead_IsWantedForAnHour(uint age, bool wanted)
    {
        // The best share is older than the clock here; its time counts.
        Add(MadeShare.Of(1, 0, timestamp: Start - 500));
        Assert.Equal(wanted, !Add(MadeShare.Of(9, 8, timestamp: Start - 500 - age)).MissingParents.IsEmpty);
    }

    [Theory]
    [InlineData(86400, true)]
    [InlineData(86401, false)]
    public void MissingParentWithoutABestShare_OfAnOldHead_IsWantedForADay(uint age, bool wanted) =>
        Assert.Equal(wanted, !Add(MadeShare.Of(9, 8, timestamp: Start - age)).MissingParents.IsEmpty);

    [Fact]
    public void MissingParent_OfALongHead_IsDatedByTheNewestFive()
    {
        Add(Line(100, 6, parent: 50, timestamp: i => i == 0 ? Start : Start - 90_000));
        Assert.Empty(_chain.Evaluate(Now).MissingParents);
        Add(MadeShare.Of(106, 105, timestamp: Start - 5));
        Assert.Equal(Start - 5, Assert.Single(_chain.Evaluate(Now).MissingParents).NewestTimestamp);
        // It is the latest of the five, not the time of the head.
        Add(Line(107, 4, parent: 106, timestamp: _ => Start - 80_000));
        Assert.Equal(Start - 5, Assert.Single(_chain.Evaluate(Now).MissingParents).NewestTimestamp);
        Add(MadeShare.Of(111, 110, timestamp: Start - 80_000));
        Assert.Equal(Start - 80_000, Assert.Single(_chain.Evaluate(Now).MissingParents).NewestTimestamp);
    }

    [Fact]
    public void FirstShareOfAChain_Added_MissesNoParent() => Assert.False(Assert.Single(Add(MadeShare.Of(1, 0)).Outcomes).ParentMissing);

    [Theory]
    [InlineData(7, 12, 7)]
    [InlineData(100, 12, 24)]
    [InlineData(100, 120, 100)]
    public void StopsOfARequest_AreAtMostAsManyAsAskedFor(int most, int forks, int expected)
    {
        Add(Line(1, 30, parent: 0));
        Add([.. Enumerable.Range(1, forks - 1).Select(i => MadeShare.Of(1000 + i, i % 19 + 11))]);
        var stops = _chain.RequestStops(most);
        Assert.Equal(expected, stops.Length);
        Assert.Equal(stops.Length, stops.Distinct().Count());
    }

    [Theory]
    [InlineData(Start + 20, Start)]
    [InlineData(Start, Start + 20)]
    public void MissingParent_OfSeveralHeads_IsDatedByTheLatest(uint first, uint second)
    {
        var change = Add(MadeShare.Of(9, 8, timestamp: first), MadeShare.Of(10, 8, timestamp: second));
        Assert.Equal(Start + 20, Assert.Single(change.MissingParents).NewestTimestamp);
    }

    [Fact]
    public void MissingParent_OfSharesOfWhichOneWasSent_IsLookedForAtItsSender() =>
        Assert.Equal(Bob, Assert.Single(Add(MadeShare.Of(9, 8, timestamp: Start), MadeShare.Of(10, 8, timestamp: Start, from: Bob)).MissingParents).From);

    [Fact]
    public void MissingParents_OfWhatHadToGo_AreNotWanted()
    {
        Add([.. Enumerable.Range(0, _chain.MaximumShares).Select(i => MadeShare.Of(10_000 + i, 500_000 + i, timestamp: Start))]);
        var change = Add([.. Enumerable.Range(0, 50).Select(i => MadeShare.Of(800_000 + i, 900_000 + i, timestamp: Start))]);
        Assert.Equal(_chain.MaximumShares, _chain.Count);
        Assert.Equal(_chain.MaximumShares, change.MissingParents.Length);
        Assert.All(change.MissingParents, missing => Assert.NotEmpty(_chain.ChildrenOf(missing.Hash)));
    }

    [Fact]
    public void MissingParent_OfAChainVerifiedToItsDepth_IsNotWantedForANewHead()
    {
        Assert.NotEmpty(Add(Line(100, 2 * ChainLength + 1, parent: 50)).MissingParents);
        Assert.Equal(ChainLength, _chain.VerifiedCount);
        var change = Add(MadeShare.Of(900, 100 + 2 * ChainLength, timestamp: Start));
        Assert.Equal(MadeShare.Hash(900), change.NewBest?.Share.Hash);
        Assert.Empty(change.MissingParents);
    }

    [Fact]
    public void SolvedBlock_Verified_IsToldOnce()
    {
        var change = Add(MadeShare.Of(1, 0), MadeShare.Of(2, 1, solvesBlock: true));
        // Told when it is verified, which is lazily: the head first, then what is below.
        Assert.Equal([MadeShare.Hash(2)], change.SolvedBlocks.Select(share => share.Share.Hash));
        Assert.Empty(_chain.Evaluate(Now).SolvedBlocks);
        Assert.Equal([MadeShare.Hash(2)], _chain.Statistics!.RecentBlocks().Select(share => share.Share.Hash));
    }

    [Fact]
    public void SolvedBlocks_OlderThanTheChainLength_AreNotRecent()
    {
        Add(MadeShare.Of(1, 0, solvesBlock: true), MadeShare.Of(2, 1, solvesBlock: true));
        Add(Line(3, ChainLength - 1, parent: 2));
        Assert.Equal(ChainLength + 1, _chain.Height);
        Assert.Equal([MadeShare.Hash(2)], _chain.Statistics!.RecentBlocks().Select(share => share.Share.Hash));
    }

    [Fact]
    public void CompetingChains_WithUnknownBlocks_NameThem()
    {
        var heights = new AnsweredHeights();
        var chain = new ShareChain(Network, heights, (_, _) => null);
        chain.Add(Line(1000, 2 * ChainLength + 1, parent: 500, previousBlock: 1), Now);
        // Verified down to the chain length only, hence no second tail: nothing needs comparing, nothing is looked up.
        Assert.Empty(chain.Evaluate(Now).UnknownBlocks);

        chain.Add(Line(3000, 2 * ChainLength + 1, parent: 600, previousBlock: 2, target: 7), Now);
        var change = chain.Evaluate(Now);
        Assert.Equal([MadeShare.Hash(1), MadeShare.Hash(2)], change.UnknownBlocks.Order());
        // Nothing is known of either: the greater work wins. Once that turns out to be spread over many more blocks, it loses.
        Assert.Equal(MadeShare.Hash(1000 + 2 * ChainLength), chain.BestHash());
        heights.Known[MadeShare.Hash(1)] = 10;
        heights.Known[MadeShare.Hash(2)] = 1000;
        Assert.Equal(MadeShare.Hash(3000 + 2 * ChainLength), chain.Evaluate(Now).NewBest?.Share.Hash);
    }

    // As if it were the very first: a thousand blocks since, against ten.
    [Fact]
    public void CompetingChains_OneOnAnUnknownBlock_LeaveTheOtherTheBest()
    {
        var heights = new AnsweredHeights { Known = { [MadeShare.Hash(2)] = 990 } };
        var chain = new ShareChain(Network, heights, (_, _) => null);
        chain.Add(Line(1000, 2 * ChainLength + 1, parent: 500, previousBlock: 1), Now);
        chain.Add(Line(3000, 2 * ChainLength + 1, parent: 600, previousBlock: 2, target: 7), Now);
        Assert.Equal(MadeShare.Hash(3000 + 2 * ChainLength), chain.BestHash());
    }

    // A daemon that is behind may know a block above the best one it told of: no time went by since.
    [Fact]
    public void CompetingChains_OneOnABlockAboveTheBest_AreRankedByTheirWork()
    {
        var heights = new AnsweredHeights { Known = { [MadeShare.Hash(1)] = 1000, [MadeShare.Hash(2)] = 1005 } };
        var chain = new ShareChain(Network, heights, (_, _) => null);
        chain.Add(Line(1000, 2 * ChainLength + 1, parent: 500, previousBlock: 1), Now);
        chain.Add(Line(3000, 2 * ChainLength + 1, parent: 600, previousBlock: 2, target: 7), Now);
        Assert.Equal(MadeShare.Hash(1000 + 2 * ChainLength), chain.BestHash());
    }

    [Fact]
    public void ChainOfWhichSharesAreStillToBeJudged_IsNotPruned()
    {
        Add(Line(1, 60, parent: 0));
        Add([.. Enumerable.Range(40, 10).Select(i => MadeShare.Of(1000 + i, i))]);
        _chain.MostVerifications = 0;
        Add(MadeShare.Of(61, 60));
        var change = _chain.Prune(Now);
        Assert.True(change.IsUnfinished);
        Assert.Empty(change.Removed);
        _chain.MostVerifications = 1;
        Assert.NotEmpty(_chain.Prune(Now).Removed);
    }

    [Theory]
    [InlineData(300, 120, false, false)]
    [InlineData(299, 120, true, false)]
    [InlineData(300, 119, false, true)]
    public void HeadsThatLost_ArePruned_WhenTheyAndWhatTheyWaitForAreOldEnough(int age, int ageOfRoot, bool forkStays, bool waitingStays)
    {
        Add(Line(1, 60, parent: 0));
        // With the best head they are the five that always stay.
        Add([.. Enumerable.Range(50, 4).Select(i => MadeShare.Of(1000 + i, i))]);
        Add(MadeShare.Of(2000, 30, seenAt: Start - age));
        Add(MadeShare.Of(3000, 2999, seenAt: Start - ageOfRoot), MadeShare.Of(3001, 3000, seenAt: Start - 400));
        _chain.Prune(Now);
        Assert.Equal((forkStays, waitingStays), (_chain.Find(MadeShare.Hash(2000)) is not null, _chain.Find(MadeShare.Hash(3001)) is not null));
        Assert.NotNull(_chain.Find(MadeShare.Hash(1050)));
    }

    [Fact]
    public void FloodOfOrphans_Added_IsCutAndTheChainStays()
    {
        Add(Line(1, 2 * ChainLength, parent: 0));
        var best = _chain.BestHash();
        for (var i = 0; i < 200; i++) Add([.. Enumerable.Range(0, 20).Select(j => MadeShare.Of(10_000 + 20 * i + j, 500_000 + 20 * i + j, seenAt: Start))]);
        Assert.Equal(_chain.MaximumShares, _chain.Count);
        Assert.Equal(best, _chain.BestHash());
        Assert.Equal(2 * ChainLength, _chain.Height);

        // A waiting chain that grows is not the first to go.
        Add(Line(600_000, 30, parent: 700_000, seenAt: Start));
        var change = Add(MadeShare.Of(900_000, 900_001, seenAt: Start));
        Assert.Equal(_chain.MaximumShares, _chain.Count);
        Assert.NotEmpty(change.Removed);
        Assert.NotNull(_chain.Find(MadeShare.Hash(600_029)));
    }

    [Fact]
    public void FloodOfForks_Added_IsCutAndTheBestHeadsStay()
    {
        Add(Line(1, 2 * ChainLength, parent: 0));
        for (var i = 0; i < 200; i++) Add([.. Enumerable.Range(0, 20).Select(j => MadeShare.Of(10_000 + 20 * i + j, 5 + i % 50, seenAt: Start))]);
        Assert.Equal(_chain.MaximumShares, _chain.Count);
        Assert.Equal(MadeShare.Hash(2 * ChainLength), _chain.BestHash());

        // Forks low on the chain went before those higher up.
        Assert.True(_chain.ChildrenOf(MadeShare.Hash(5)).Length < _chain.ChildrenOf(MadeShare.Hash(54)).Length);
    }

    [Fact]
    public void FloodOfLongShares_Added_IsCutToTheBytesAndLeavesTheShortOnes()
    {
        Add(Line(1, 2 * ChainLength, parent: 0));
        Add(Line(600_000, 30, parent: 700_000, seenAt: Start));
        Add(MadeShare.Of(800_000, 800_001, seenAt: Start));
        for (var i = 0; i < 50; i++)
        {
            Add(
                Long(MadeShare.Of(10_000 + i, 500_000 + i, seenAt: Start)),
                Long(MadeShare.Of(20_000 + i, 5 + i % 50, seenAt: Start)),
                MadeShare.Of(30_000 + i, 20_000 + i, seenAt: Start));
            Assert.InRange(_chain.BytesBeside, 1, _chain.MaximumBytesBeside);
        }
        Assert.Equal(MadeShare.Hash(2 * ChainLength), _chain.BestHash());
        Assert.Equal(2 * ChainLength, _chain.Height);
        Assert.NotNull(_chain.Find(MadeShare.Hash(600_029)));
        Assert.NotNull(_chain.Find(MadeShare.Hash(800_000)));
    }

    [Fact]
    public void BestChainOfLongShares_Held_LeavesRoomForAnother()
    {
        Add([.. Line(1, 2 * ChainLength, parent: 0).Select(known => Long(known))]);
        Assert.Equal(2 * ChainLength, _chain.Height);
        Add(Line(10_000, 6, parent: 2 * ChainLength - 1));
        Assert.Equal(MadeShare.Hash(10_005), _chain.BestHash());
        // What was the best share counts as any other now.
        Assert.InRange(_chain.BytesBeside, LongShare, _chain.MaximumBytesBeside);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void WaitingTreeLargerThanAllThereIsRoomFor_Added_LosesHeadsOnly(int verified)
    {
        Add(Line(1, verified, parent: 0));
        Add([.. Enumerable.Range(0, _chain.MaximumShares + 100).Select(i => MadeShare.Of(10_000 + i, 8_000, seenAt: Start))]);
        Assert.Equal(_chain.MaximumShares, _chain.Count);
        Assert.Equal(verified, _chain.Height);
    }

    // More work stands behind the waiting ones; they go all the same.
    [Fact]
    public void VerifiedFork_BesideAWaitingTreeTooLarge_Stays()
    {
        Add(Line(1, 60, parent: 0));
        Add(MadeShare.Of(900, 5));
        Add(Line(10_000, 30, parent: 8_000, seenAt: Start));
        Add([.. Enumerable.Range(0, _chain.MaximumShares).Select(i => MadeShare.Of(20_000 + i, 10_029, seenAt: Start))]);
        Assert.Equal(_chain.MaximumShares, _chain.Count);
        Assert.NotNull(_chain.Find(MadeShare.Hash(900)));
    }

    [Fact]
    public void LongSharesOnOneAnother_BeyondTheBytes_GoOnce()
    {
        Add(Line(1, 2 * ChainLength, parent: 0));
        Add([.. new[] { (20_000, 5), (20_001, 20_000), (20_002, 6), (20_003, 7), (20_004, 8) }.Select(pair => Long(MadeShare.Of(pair.Item1, pair.Item2, seenAt: Start)))]);
        Assert.Equal(2 * LongShare, _chain.BytesBeside);
        Assert.Equal([20_003, 20_004], Enumerable.Range(20_000, 5).Where(number => _chain.Find(MadeShare.Hash(number)) is not null));
    }

    [Fact]
    public void BestChainOfLongShares_BesideAFloodOfOthers_Stays()
    {
        Add([.. Line(1, 2 * ChainLength, parent: 0).Select(Long)]);
        Add([.. Enumerable.Range(0, 10).Select(i => Long(MadeShare.Of(10_000 + i, 500_000 + i, seenAt: Start)))]);
        Assert.Equal(MadeShare.Hash(2 * ChainLength), _chain.BestHash());
        Assert.Equal(2 * ChainLength, _chain.Height);
        Assert.InRange(_chain.BytesBeside, LongShare, _chain.MaximumBytesBeside);
    }

    [Fact]
    public void ChainOfLongShares_FetchedBeforeThereIsABest_IsNotCut()
    {
        var bytes = (int)(_chain.MaximumBytesBeforeBest / (2 * ChainLength));
        Assert.InRange(2 * ChainLength * bytes, 2 * _chain.MaximumBytesBeside, long.MaxValue);
        for (var i = 2 * ChainLength; i > 0; i--)
        {
            Add(Long(MadeShare.Of(i, i - 1, timestamp: Start), bytes));
            Assert.Equal(2 * ChainLength - i + 1, _chain.Count);
        }
        Assert.Equal(2 * ChainLength, _chain.Height);
    }

    [Fact]
    public void EndlessChainOfLongShares_BeforeThereIsABest_IsCutToTheBytes_AndTheHonestOneStays()
    {
        Add(Line(600_000, 30, parent: 700_000));
        for (var i = 400; i > 300; i--)
        {
            Add(Long(MadeShare.Of(i, i - 1, timestamp: Start)));
            Assert.InRange(_chain.Line(MadeShare.Hash(400), 100).Sum(known => (long)known.Share.WireBytes.Length), 0, _chain.MaximumBytesBeforeBest);
            Assert.InRange(_chain.BytesBeside, 0, _chain.MaximumBytesBeside);
        }
        Assert.Null(_chain.Best);
        Assert.NotNull(_chain.Find(MadeShare.Hash(600_029)));
        Assert.Null(_chain.Find(MadeShare.Hash(400)));

        // Not even the longest chain within the limit: all that is there is too long.
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        var longer = (int)chain.MaximumBytesBeforeBest + 1;
        chain.Add(Now, Long(MadeShare.Of(1, 500, timestamp: Start), longer), Long(MadeShare.Of(2, 501, timestamp: Start), longer));
        Assert.Equal(0, chain.Count);
    }

    [Fact]
    public void LongShares_AskedFor_AreGivenAsFarAsAMessageHolds()
    {
        Add([.. Line(1, 40, parent: 0).Select(known => Long(known))]);
        var answer = _chain.Answer([MadeShare.Hash(40)], 100, new HashSet<Hash256>());
        Assert.Equal(Enumerable.Range(10, 31).Reverse().Select(MadeShare.Hash), answer.Select(share => share.Hash));
    }

    [Fact]
    public void ShareLongerThanAMessage_AskedFor_IsGivenAlone()
    {
        var chain = new ShareChain(Network with { LargestPayload = LongShare / 2 }, FixedHeights.AllAt(0), (_, _) => null);
        chain.Add(Now, Long(MadeShare.Of(1, 0)), MadeShare.Of(2, 1), Long(MadeShare.Of(3, 2)));
        Assert.Equal([MadeShare.Hash(3)], chain.Answer([MadeShare.Hash(3)], 100, new HashSet<Hash256>()).Select(share => share.Hash));
        Assert.Equal([MadeShare.Hash(2)], chain.Answer([MadeShare.Hash(2)], 100, new HashSet<Hash256>()).Select(share => share.Hash));
    }

    [Fact]
    public void EndlessHistory_Added_IsCutAtItsLowerEnd()
    {
        for (var i = 100_000; i > 97_000; i--) Add(MadeShare.Of(i, i - 1, timestamp: Start));
        Assert.True(_chain.Count <= _chain.MaximumShares);
        Assert.Equal(MadeShare.Hash(100_000), _chain.BestHash());
    }

    [Fact]
    public void OldForkAmongTheBestHeads_HoldingUpTheTail_IsGivenUpInTheEnd()
    {
        Add(Line(1, 60, parent: 0));
        Add(Line(50_000, 20, parent: 30));
        var longest = 0;
        for (var i = 61; i <= 2 * _chain.MaximumShares; i++)
        {
            Add(MadeShare.Of(i, i - 1, timestamp: Start));
            if (i % 50 == 0) _chain.Prune(Now);
            longest = Math.Max(longest, _chain.Count);
        }
        // The network's own rule lets the fork hold the tail; the limit ends it.
        Assert.Equal(_chain.MaximumShares, longest);
        Assert.Null(_chain.Find(MadeShare.Hash(50_000)));
        Assert.InRange(_chain.Count, 1, 200);
    }

    private sealed class AnsweredHeights : IParentHeights
    {
        public Dictionary<Hash256, int> Known { get; } = [];

        public int BestHeight => 1000;

        public int? HeightOf(Hash256 block) => Known.TryGetValue(block, out var height) ? height : null;
    }

    private static KnownShare[] Line(
        int first, int count, int parent, Func<int, uint>? timestamp = null, int previousBlock = 0, int target = 0, double seenAt = 0) =>
    [
        .. Enumerable.Range(0, count).Select(i => MadeShare.Of(
            first + i, i == 0 ? parent : first + i - 1, target, timestamp: timestamp?.Invoke(i) ?? Start, previousBlock: previousBlock, seenAt: seenAt)),
    ];

    private static KnownShare Long(KnownShare known, int bytes = LongShare) =>
        known with { Share = known.Share with { WireBytes = bytes == LongShare ? LongBytes : [.. new byte[bytes]] } };

    private ChainChange Add(params KnownShare[] shares) => _chain.Add(shares, Now);
}
