using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Chain;
using Grainpool.Grains.Segments;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Grains.Tests.Chain;

/// <summary>The chain grain in a real silo: what gateways are told, what becomes of shares, and what a restart keeps.</summary>
public sealed class ShareChainGrainTests
{
    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WithoutTemplate_ThereIsAReasonInsteadOfWork()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var answer = await Until.True(() => gateway.Renew(), answer => answer.Epoch > 0);
        Assert.Null(answer.Work);
        Assert.Equal("no coin daemon has sent a block template yet", (await Until.True(() => gateway.Renew(), Asked)).NoWorkReason);

        static bool Asked(GrainInterfaces.Gateways.GatewayAnswer answer) => answer.NoWorkReason?.StartsWith("no coin daemon", StringComparison.Ordinal) == true;
    }

    [Fact]
    public async Task FailingDaemons_AreTheReasonForNoWork()
    {
        _daemons.Health = [new(FakeDaemons.First, Daemon.DaemonCondition.Failing, DateTimeOffset.UnixEpoch, Failure: new Daemon.DaemonFailure(
            Daemon.DaemonFailureKind.Unauthorised, FakeDaemons.First, "getnetworkinfo", "HTTP 401"))];
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var answer = await Until.True(() => gateway.Renew(), answer => answer.NoWorkReason?.Contains("refuses us", StringComparison.Ordinal) == true);
        Assert.Contains(FakeDaemons.First, answer.NoWorkReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublicNetworkWithoutPeers_WantsSolo()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        var gateway = new TestGateway(silo);
        var answer = await Until.True(() => gateway.Renew(), answer => answer.Epoch > 0);
        Assert.Null(answer.Work);
        Assert.Contains("set pool.solo", answer.NoWorkReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublicNetworkWithSolo_BeginsAChain()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin, solo: true);
        var work = await new TestGateway(silo).WaitForWork();
        Assert.True(work.Work.PreviousShare.IsZero);
    }

    [Fact]
    public async Task NetworkThatNeedNotWait_IsSyncedAllTheSame_OnceNoNodeHasMore()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var work = await gateway.WaitForWork();
        await gateway.Offer(gateway.Find(work.Work));
        var observer = new SilentPeerObserver();
        var reference = silo.Client.CreateObjectReference<IPeerObserver>(observer);

        await silo.Chain.RenewPeers(new PeerRenewal("test", reference, 0, 1, Behind: true));
        Assert.False((await Until.True(silo.Chain.Snapshot, snapshot => snapshot.OutgoingPeers == 1)).Sync?.IsSynced);
        await silo.Chain.RenewPeers(new PeerRenewal("test", reference, 0, 1, Behind: false));
        await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Sync?.IsSynced == true);
        GC.KeepAlive(observer);
    }

    [Fact]
    public async Task PoolThatVotesForALaterVersion_IsTold_WithWhoWorkedAndWhatWasToBeExpected()
    {
        // A program of before version 35, among shares that vote for it.
        var network = KnownNetworks.Devnet with { Name = "devnet-of-34", ShareVersions = [ShareVersionRules.Version35 with { Vote = 34 }] };
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons, network);
        var gateway = new TestGateway(silo);
        var work = await gateway.WaitForWork();
        Assert.Null((await silo.Chain.Snapshot()).UnknownVersion);

        await gateway.Offer(gateway.FindLine(work.Work, 4, KnownNetworks.Devnet));

        var snapshot = await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Height == 4);
        Assert.Equal(35ul, snapshot.UnknownVersion);
        Assert.True(snapshot.ExpectedBlocks > 0);
        Assert.Equal((TestGateway.Miner, snapshot.LongHashRate, 0), Assert.Single(snapshot.PayeeRates) is var payee ? (payee.Address, payee.HashRate, payee.StaleProportion) : default);
        await Until.True(() => Task.FromResult(Instruments.UnknownVersion.WithLabels(network.Name).Value), version => version == 35);
        Assert.Equal(snapshot.ExpectedBlocks, Instruments.BlocksExpected.WithLabels(network.Name).Value);
        Assert.Equal(snapshot.LongHashRate, Instruments.PoolHashRate.WithLabels(network.Name, "good").Value);
        Assert.Equal(0, Instruments.PoolHashRate.WithLabels(network.Name, "dead").Value);
    }

    [Fact]
    public async Task NewTemplate_IsToldToGateways_AndPulledOnlyByThoseThatLackIt()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        await Until.True(() => gateway.Renew(), answer => answer.Epoch > 0);

        _daemons.Send(SimulatedTemplate.Of(1000));
        var first = await gateway.Hear();
        Assert.Equal((1, true, 1000u), (first.Sequence, first.Clean, first.Work.Template.Height));

        _daemons.Send(SimulatedTemplate.Of(1001));
        var second = await gateway.Hear();
        Assert.Equal((2, true, 1001u), (second.Sequence, second.Clean, second.Work.Template.Height));

        Assert.Null((await gateway.Renew(second)).Work);
        Assert.Equal(2, (await gateway.Renew(first)).Work?.Sequence);
        Assert.Equal(2, (await gateway.Renew()).Work?.Sequence);
    }

    [Fact]
    public async Task FirstTransactions_AreToldAtOnce_WithoutMakingOldJobsWorthless()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        await Until.True(() => gateway.Renew(), answer => answer.Epoch > 0);
        _daemons.Send(SimulatedTemplate.Of(1000));
        await gateway.Hear();

        _daemons.Send(SimulatedTemplate.Of(1000, transactions: [SimulatedTemplate.Transaction(1)]));
        var second = await gateway.Hear();
        Assert.False(second.Clean);
        Assert.Equal(1, second.Work.Template.TransactionCount);
        var bodies = await silo.Template.Transactions(second.Work.Template.Id);
        Assert.Equal([1, 1, 2, 3], Assert.Single(bodies!.Transactions));
    }

    [Fact]
    public async Task OwnShare_IsAccepted_BuiltUpon_StoredAndPublished()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        _daemons.Send(SimulatedTemplate.Of(1000));
        var gateway = new TestGateway(silo);
        var work = await gateway.WaitForWork();

        var answer = await gateway.Offer(gateway.Find(work.Work));
        var verdict = Assert.Single(answer.Verdicts);
        Assert.Equal((ShareOutcome.Accepted, 1, null), (verdict.Outcome, verdict.Sequence, verdict.Reason));
        Assert.Equal(work.Epoch, answer.Epoch);

        var next = await gateway.Hear();
        while (next.Work.PreviousShare.IsZero) next = await gateway.Hear();
        Assert.True(next.Clean);
        Assert.Equal(verdict.Hash, next.Work.PreviousShare);
        Assert.Equal(2u, next.Work.AbsoluteHeight);

        await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 1);
        var news = await Until.True(silo.History.Recent, recent => recent.Length == 1);
        Assert.Equal((PoolEventKind.ShareAccepted, verdict.Hash, TestGateway.Miner, 1u), (news[0].Kind, news[0].Hash, news[0].Address, news[0].Height));
    }

    [Fact]
    public async Task ShareOfferedAgain_IsKnown_WithItsFirstSequence()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        _daemons.Send(SimulatedTemplate.Of(1000));
        var gateway = new TestGateway(silo);
        var work = await gateway.WaitForWork();
        var share = gateway.Find(work.Work);
        var sibling = gateway.Find(work.Work);

        await gateway.Offer(sibling);
        var first = await gateway.Offer(share, share);
        Assert.Equal([(ShareOutcome.Accepted, 2L), (ShareOutcome.AlreadyKnown, 2L)], first.Verdicts.Select(verdict => (verdict.Outcome, verdict.Sequence)));
        var again = await gateway.Offer(share);
        Assert.Equal((ShareOutcome.AlreadyKnown, 2L), (again.Verdicts[0].Outcome, again.Verdicts[0].Sequence));
    }

    [Fact]
    public async Task BadShares_AreRefusedWithReasons_AndGoodOnesBesideThemTaken()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        _daemons.Send(SimulatedTemplate.Of(1000));
        var gateway = new TestGateway(silo);
        var work = await gateway.WaitForWork();
        var good = gateway.Find(work.Work);
        var easy = good with { ProofOfWork = UInt256.MaxValue };
        var garbage = good with { WireBytes = [35, 3, 1, 2, 3] };
        var elsewhere = gateway.Find(work.Work with { AbsoluteHeight = 77 });

        var answer = await gateway.Offer(easy, garbage, elsewhere, good);
        Assert.Equal(
            [ShareOutcome.Refused, ShareOutcome.Refused, ShareOutcome.Refused, ShareOutcome.Accepted],
            answer.Verdicts.Select(verdict => verdict.Outcome));
        Assert.Equal([0L, 0, 0, 1], answer.Verdicts.Select(verdict => verdict.Sequence));
        Assert.StartsWith("ProofOfWork", answer.Verdicts[0].Reason, StringComparison.Ordinal);
        Assert.StartsWith("Malformed", answer.Verdicts[1].Reason, StringComparison.Ordinal);
        Assert.Equal("AbsoluteHeight", answer.Verdicts[2].Reason);
        Assert.Equal(1, (await silo.Chain.Snapshot()).Shares);
    }

    [Fact]
    public async Task TooManySharesInOneCall_AreAnError()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        _daemons.Send(SimulatedTemplate.Of(1000));
        var gateway = new TestGateway(silo);
        var share = gateway.Find((await gateway.WaitForWork()).Work);
        await Assert.ThrowsAsync<ArgumentException>(() => gateway.Offer([.. Enumerable.Repeat(share, ShareBatch.MaxShares + 1)]));
    }

    [Fact]
    public async Task Restart_ContinuesTheSameChain_InALaterEpoch()
    {
        ChainSnapshot before;
        GrainInterfaces.Chain.OfferedShare last;
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            var gateway = new TestGateway(silo);
            await gateway.WaitForWork();
            last = await Mine(gateway, 5);
            before = await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Height == 5);
        }

        _daemons.Send(SimulatedTemplate.Of(1000));
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            var gateway = new TestGateway(silo);
            var work = await gateway.WaitForWork();
            Assert.True(work.Epoch > before.Epoch);
            Assert.Equal(before.Best, work.Work.PreviousShare);
            var snapshot = await silo.Chain.Snapshot();
            Assert.Equal((before.Best, 5, 5, 5), (snapshot.Best, snapshot.Height, snapshot.OwnShares, snapshot.VerifiedShares));
            var again = await gateway.Offer(last);
            Assert.Equal((ShareOutcome.AlreadyKnown, 0L), (again.Verdicts[0].Outcome, again.Verdicts[0].Sequence));

            await Mine(gateway, 1);
            await Until.True(silo.Chain.Snapshot, next => next.Height == 6);
        }
    }

    [Fact]
    public async Task StoreAwayAtTheStart_IsWaitedFor_AndSaid()
    {
        _stores.Segments.Away = true;
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var answer = await Until.True(() => gateway.Renew(), answer => answer.NoWorkReason?.Contains("cannot be loaded", StringComparison.Ordinal) == true);
        Assert.Equal((0, null), (answer.Epoch, answer.Work));
        await Assert.ThrowsAsync<InvalidOperationException>(() => gateway.Offer());

        _stores.Segments.Away = false;
        await gateway.WaitForWork();
    }

    [Fact]
    public async Task StoreAway_StopsNeitherSharesNorWork_AndIsCaughtUpWith()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        await gateway.WaitForWork();
        _stores.Segments.Away = true;
        await Mine(gateway, 3);
        Assert.Equal(0, (await gateway.Renew()).DurableThrough);

        _stores.Segments.Away = false;
        await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 3);
    }

    [Fact]
    public async Task LaterWriter_MakesTheActivationLeave_AndSharesItHadNotStoredAreTakenAgain()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var first = await gateway.WaitForWork();
        await Mine(gateway, 2);
        await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 2);

        // Another silo believes that this one is dead, and takes over; then it dies itself.
        await SegmentLog.TakeOver(_stores.Segments, new ShareSegmentFormat(silo.Network), DateTimeOffset.UtcNow, None);
        var unstored = gateway.Find((await gateway.Renew()).Work!.Work);
        Assert.Equal(ShareOutcome.Accepted, (await gateway.Offer(unstored)).Verdicts[0].Outcome);

        var renewed = await Until.True(() => gateway.Renew(), renewed => renewed.Epoch > first.Epoch);
        Assert.Equal(2, (await silo.Chain.Snapshot()).Height);
        var again = await gateway.Offer(unstored);
        Assert.Equal((renewed.Epoch, ShareOutcome.Accepted, 1L), (again.Epoch, again.Verdicts[0].Outcome, again.Verdicts[0].Sequence));
        await Until.True(() => gateway.Renew(), next => next.DurableThrough == 1);
    }

    [Fact]
    public async Task StoreThatForgets_ConfirmsOnlyAfterItsLag()
    {
        var stores = new TestStores(TimeSpan.FromSeconds(1));
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(stores, _daemons);
        var gateway = new TestGateway(silo);
        await gateway.WaitForWork();
        var began = DateTimeOffset.UtcNow;
        await Mine(gateway, 1);
        await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 1);
        Assert.True(DateTimeOffset.UtcNow - began >= stores.Segments.DurabilityLag);
    }

    [Fact]
    public async Task Snapshot_TellsWhatPeopleWantToSee()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        await gateway.WaitForWork();
        await Mine(gateway, 4);
        var snapshot = await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Height == 4);
        Assert.Equal(("devnet", 4u, 1, 0), (snapshot.Network, snapshot.AbsoluteHeight, snapshot.Heads, snapshot.Tails));
        Assert.Equal((1000u, 25_00000000ul), (snapshot.BlockHeight, snapshot.BlockValue));
        Assert.Equal(4, snapshot.RecentShares.Length);
        Assert.All(snapshot.RecentShares, share => Assert.True(share.Own));
        Assert.Equal(snapshot.Best, snapshot.RecentShares[0].Hash);
        Assert.Equal(25_00000000ul, snapshot.ExpectedPayouts.Aggregate(0ul, (sum, payout) => sum + payout.Satoshi));
        Assert.Equal(TestGateway.Miner, snapshot.ExpectedPayouts[0].Address);
        Assert.Null(snapshot.NoWorkReason);
        Assert.NotNull(await silo.Chain.ShareBytes(snapshot.Best));
        Assert.Null(await silo.Chain.ShareBytes(Hash256.Zero));
    }

    [Fact]
    public async Task MoreSharesThanOneTurnVerifies_AreVerifiedInFurtherTurns_AndTheirFateIsToldWhenAskedAgain()
    {
        const int More = 40;
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin, solo: true);
        var gateway = new TestGateway(silo);
        var work = await gateway.WaitForWork();
        var counter = Instruments.SharesAccepted.WithLabels(silo.Network.Name, "yes");
        var accepted = counter.Value;
        var line = gateway.FindLine(work.Work, LoadedChain.VerificationsInATurn + More);

        // The first share comes last and makes all the others verifiable at once; they are verified from the newest down, itself at the end.
        foreach (var batch in line.Skip(1).Chunk(ShareBatch.MaxShares))
            Assert.All((await gateway.Offer([.. batch])).Verdicts, verdict => Assert.Equal(ShareOutcome.Unconnected, verdict.Outcome));
        var first = (await gateway.Offer(line[0])).Verdicts[0];
        Assert.Equal((ShareOutcome.Unconnected, (long)line.Length), (first.Outcome, first.Sequence));

        await Until.True(silo.Chain.Snapshot, snapshot => snapshot.VerifiedShares == line.Length && snapshot.Height == line.Length);
        var again = (await gateway.Offer(line[0], line[^1])).Verdicts;
        Assert.Equal(
            [(first.Hash, ShareOutcome.AlreadyKnown, first.Sequence), (again[1].Hash, ShareOutcome.AlreadyKnown, (long)line.Length - 1)],
            again.Select(verdict => (verdict.Hash, verdict.Outcome, verdict.Sequence)));
        Assert.Equal(accepted + line.Length, counter.Value);
    }

    [Fact]
    public async Task WantedShares_AreWantedStill_WhileAnEvaluationIsUnderWay()
    {
        var unknown = Hash256.FromNumber(77UL);
        _daemons.Send(SimulatedTemplate.Of(1000, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var work = (await gateway.WaitForWork()).Work;
        var line = gateway.FindLine(work, 2);
        var second = new ShareCheck(silo.Network).Check(WrappedShare.Parse(line[1].WireBytes.AsSpan()), line[1].ProofOfWork).Share!.Hash;
        await gateway.Offer(line[0]);

        // More bad shares on a missing one than a turn verifies, and behind them one of which nothing is known.
        var bad = Enumerable.Range(0, LoadedChain.VerificationsInATurn + 1).Select(_ => gateway.Find(work with { PreviousShare = second, AbsoluteHeight = 77 }, own: false));
        foreach (var batch in bad.Chunk(ShareBatch.MaxShares)) await gateway.Offer([.. batch]);
        Assert.True((await gateway.Offer(gateway.Find(work with { PreviousShare = unknown }, own: false))).WantsShares);

        Assert.True((await gateway.Offer(line[1])).WantsShares);
        await Until.True(silo.Chain.Snapshot, snapshot => (snapshot.Shares, snapshot.VerifiedShares) == (3, 2));
        Assert.Equal([unknown], (await silo.Chain.TakeWanted("test", 10)).Shares.Select(wanted => wanted.Hash));
    }

    [Fact]
    public async Task WhatIsMissingBelowAStoredChain_IsWantedFromTheStart()
    {
        _daemons.Send(SimulatedTemplate.Of(1000, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            var gateway = new TestGateway(silo);
            var work = await gateway.WaitForWork();
            await gateway.Offer(gateway.Find(work.Work), gateway.Find(work.Work with { PreviousShare = Hash256.FromNumber(77UL) }));
            await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 2);
        }

        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Shares == 2);
            Assert.Equal([Hash256.FromNumber(77UL)], (await silo.Chain.TakeWanted("test", 10)).Shares.Select(wanted => wanted.Hash));
        }
    }

    [Fact]
    public async Task ShareTooLongForTheStore_IsHeldAndNotCalledStored()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var gateway = new TestGateway(silo);
        var work = (await gateway.WaitForWork()).Work;
        var branch = Enumerable.Repeat(Hash256.FromNumber(5UL), new SegmentWriterSettings().MaxRecordBytes / Hash256.Size).ToImmutableArray();
        var tooLong = gateway.Find(work with { Template = work.Template with { TransactionIdBranch = branch } });

        var verdicts = (await gateway.Offer(tooLong, gateway.Find(work), tooLong)).Verdicts;
        Assert.Equal([(ShareOutcome.Accepted, 0L), (ShareOutcome.Accepted, 1L), (ShareOutcome.AlreadyKnown, 0L)], verdicts.Select(verdict => (verdict.Outcome, verdict.Sequence)));
        await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 1);
    }

    [Fact]
    public async Task ShareStillWithoutItsParent_OfferedAgain_IsNotTakenForAccepted()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        _daemons.Send(SimulatedTemplate.Of(1000));
        var gateway = new TestGateway(silo);
        var line = gateway.FindLine((await gateway.WaitForWork()).Work, 2);
        Assert.Equal(ShareOutcome.Unconnected, (await gateway.Offer(line[1])).Verdicts[0].Outcome);
        var again = (await gateway.Offer(line[1])).Verdicts[0];
        Assert.Equal((ShareOutcome.Unconnected, 1L), (again.Outcome, again.Sequence));
        await gateway.Offer(line[0]);
        Assert.Equal(ShareOutcome.AlreadyKnown, (await gateway.Offer(line[1])).Verdicts[0].Outcome);
    }

    // Each share on the one before.
    private static async Task<OfferedShare> Mine(TestGateway gateway, int count)
    {
        OfferedShare? share = null;
        for (var i = 0; i < count; i++)
        {
            share = gateway.Find((await gateway.Renew()).Work!.Work);
            var answer = await gateway.Offer(share);
            Assert.Equal(ShareOutcome.Accepted, answer.Verdicts[0].Outcome);
        }

        return share!;
    }

    private sealed class SilentPeerObserver : IPeerObserver
    {
        public Task NewShares(ShareRelay relay) => Task.CompletedTask;

        public Task BestBlock(BlockRelay relay) => Task.CompletedTask;

        public Task BadOrigins(ImmutableArray<PeerEndpoint> origins) => Task.CompletedTask;
    }
}
