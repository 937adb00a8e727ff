using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Tests.Chain;

/// <summary>The chain grain in a real silo, and the other nodes: what they are told, given and asked.</summary>
public sealed class ShareChainGrainPeersTests
{
    private static readonly PeerEndpoint Sender = new("203.0.113.5", 9346);

    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NewBestShare_IsToldToEveryGateway_WithWhereItCameFrom()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var (first, second) = (new TestPeers(silo, "first"), new TestPeers(silo, "second"));
        await first.Renew();
        await second.Renew();
        var work = await gateway.WaitForWork();

        var own = (await gateway.Offer(gateway.Find(work.Work))).Verdicts[0].Hash;
        foreach (var peers in new[] { first, second })
        {
            var relay = await peers.Shares.Reader.ReadAsync(None);
            Assert.Equal((own, own, (PeerEndpoint?)null), (relay.Best, Assert.Single(relay.Shares).Hash, relay.Shares[0].From));
        }

        var foreign = gateway.Find((await gateway.Renew()).Work!.Work, own: false) with { From = Sender };
        await gateway.Offer(foreign);
        var told = Assert.Single((await first.Shares.Reader.ReadAsync(None)).Shares);
        Assert.Equal(Sender, told.From);
        Assert.Equal(foreign.WireBytes, told.WireBytes);
    }

    [Fact]
    public async Task LongNewLine_IsToldByItsNewestFive_AndWhatWasToldIsNotToldAgain()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var peers = new TestPeers(silo);
        await peers.Renew();
        var line = gateway.FindLine((await gateway.WaitForWork()).Work, 8);
        await gateway.Offer(line[..7]);
        var relay = await peers.Shares.Reader.ReadAsync(None);
        Assert.Equal(line[2..7].Reverse().Select(share => share.WireBytes), relay.Shares.Select(share => share.WireBytes));
        await gateway.Offer(line[7]);
        Assert.Equal(line[7].WireBytes, Assert.Single((await peers.Shares.Reader.ReadAsync(None)).Shares).WireBytes);
    }

    [Fact]
    public async Task LoadedShares_CountAsTold()
    {
        ImmutableArray<OfferedShare> line;
        await using (var silo = await StartAsync())
        {
            var gateway = new TestGateway(silo);
            line = gateway.FindLine((await gateway.WaitForWork()).Work, 4);
            await gateway.Offer(line[..3]);
            await Until.True(() => gateway.Renew(), renewed => renewed.DurableThrough == 3);
        }

        await using (var silo = await StartAsync())
        {
            var gateway = new TestGateway(silo);
            var peers = new TestPeers(silo);
            await gateway.WaitForWork();
            await peers.Renew();
            await gateway.Offer(line[3]);
            Assert.Equal(line[3].WireBytes, Assert.Single((await peers.Shares.Reader.ReadAsync(None)).Shares).WireBytes);
        }
    }

    [Fact]
    public async Task ShareThatSolvesABlock_IsToldAtOnce_AndOnceMore()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var peers = new TestPeers(silo);
        await peers.Renew();
        var block = gateway.Find((await gateway.WaitForWork()).Work) with { ProofOfWork = UInt256.One };
        await gateway.Offer(block);
        for (var time = 0; time < 2; time++)
            Assert.Equal(block.WireBytes, Assert.Single((await peers.Shares.Reader.ReadAsync(None)).Shares).WireBytes);
    }

    [Fact]
    public async Task OwnBlockThatIsNotTheBestShare_IsToldToo()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var peers = new TestPeers(silo);
        var work = (await gateway.WaitForWork()).Work;
        var late = gateway.Find(work, dead: true) with { ProofOfWork = UInt256.One };
        // Long enough that the block does not make its own share the best one.
        var line = gateway.FindLine(work, 10);
        await gateway.Offer(line);
        await peers.Renew();
        await gateway.Offer(late);
        var relay = await peers.Shares.Reader.ReadAsync(None);
        Assert.Equal(Hashes(line)[^1], relay.Best);
        Assert.Equal(late.WireBytes, Assert.Single(relay.Shares).WireBytes);
    }

    [Fact]
    public async Task FoundBlock_ThatADaemonTakes_IsTheBestBlockToOtherNodes()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, null), FakeDaemons.Says(FakeDaemons.Second, "duplicate")];
        await using var silo = await StartAsync();
        var peers = new TestPeers(silo);
        await new TestGateway(silo).WaitForWork();
        await peers.Renew();
        var found = Found(1000);
        await silo.Template.Found(found);
        var told = await peers.Blocks.Reader.ReadAsync(None);
        Assert.Equal(found.Bytes[..BlockHeader.Size], told.Header);
        Assert.Null(told.From);

        // The same header by the daemon, as the tip now, is no news; the next tip, whoever found it, is.
        _daemons.Headers[found.Hash] = found.Bytes[..BlockHeader.Size];
        var next = Above(found.Hash);
        _daemons.Headers[next.Hash()] = [.. next.ToBytes()];
        _daemons.Send(SimulatedTemplate.Of(1001) with { PreviousBlock = found.Hash });
        await Until.True(() => Current(silo), template => template?.PreviousBlock == found.Hash);
        _daemons.Send(SimulatedTemplate.Of(1002) with { PreviousBlock = next.Hash() });
        Assert.Equal(next.ToBytes(), (await peers.Blocks.Reader.ReadAsync(None)).Header);
    }

    [Fact]
    public async Task BlockThatDaemonsRefuse_IsNotToldToOtherNodes()
    {
        _daemons.Verdict = _ => [FakeDaemons.Says(FakeDaemons.First, "bad-cb-amount"), FakeDaemons.Says(FakeDaemons.Second, "bad-cb-amount")];
        await using var silo = await StartAsync();
        var peers = new TestPeers(silo);
        await new TestGateway(silo).WaitForWork();
        await peers.Renew();
        await silo.Template.Found(Found(1000));
        await Until.True(silo.Template.Blocks, blocks => blocks[0].Fate == GrainInterfaces.Templates.BlockFate.Rejected);
        // What comes after it is told.
        var relay = new BlockRelay([.. Above(SimulatedTemplate.BlockAt(999)).ToBytes()], Sender);
        await silo.Chain.BestBlock(relay);
        Assert.Equal(Sender, (await peers.Blocks.Reader.ReadAsync(None)).From);
    }

    [Fact]
    public async Task HeaderFromAnotherNode_IsToldWhenItIsNext_AndOnlyThen()
    {
        await using var silo = await StartAsync();
        var peers = new TestPeers(silo);
        await new TestGateway(silo).WaitForWork();
        await peers.Renew();
        var next = new BlockRelay([.. Above(SimulatedTemplate.BlockAt(999)).ToBytes()], Sender);
        await silo.Chain.BestBlock(new BlockRelay([.. Above(Hash256.FromNumber(5UL)).ToBytes()], Sender));
        await silo.Chain.BestBlock(new BlockRelay([.. next.Header[..79]], Sender));
        await silo.Chain.BestBlock(new BlockRelay([.. (Above(SimulatedTemplate.BlockAt(999)) with { Bits = new CompactTarget(0x207fffff) }).ToBytes()], Sender));
        await silo.Chain.BestBlock(next);
        await silo.Chain.BestBlock(next);
        Assert.Equal(next.Header, (await peers.Blocks.Reader.ReadAsync(None)).Header);
        // A call that is answered comes after those: nothing else was told.
        await peers.Renew();
        Assert.False(peers.Blocks.Reader.TryRead(out _));
    }

    [Fact]
    public async Task NodeThatSentAWrongShare_IsNamedToItsGateway_AndToAllOthers()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var peers = new TestPeers(silo, "another");
        await peers.Renew();
        var work = (await gateway.WaitForWork()).Work;
        var wrong = gateway.Find(work with { AbsoluteHeight = 77 }, own: false) with { From = Sender };
        var answer = await gateway.Offer(wrong);
        Assert.Equal((ShareOutcome.Refused, Sender), (answer.Verdicts[0].Outcome, Assert.Single(answer.BadOrigins)));
        Assert.Equal(Sender, Assert.Single(await peers.Bad.Reader.ReadAsync(None)));
        Assert.False(peers.Shares.Reader.TryRead(out _));
    }

    [Fact]
    public async Task MissingParent_IsAskedForByOneGateway_AndTheChainCloses()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var (first, second) = (new TestPeers(silo, "first"), new TestPeers(silo, "second"));
        var line = gateway.FindLine((await gateway.WaitForWork()).Work, 3);
        var hashes = Hashes(line);
        Assert.False((await first.Renew()).WantsShares);
        Assert.True((await gateway.Offer(line[2] with { From = Sender, Own = false })).WantsShares);
        Assert.True((await second.Renew()).WantsShares);

        var wanted = Assert.Single((await silo.Chain.TakeWanted("first", 4)).Shares);
        Assert.Equal((hashes[1], Sender), (wanted.Hash, wanted.From!.Value));
        Assert.Empty((await silo.Chain.TakeWanted("second", 4)).Shares);
        Assert.Empty((await silo.Chain.TakeWanted("first", 0)).Shares);

        await gateway.Offer(line[1]);
        Assert.Equal(hashes[0], Assert.Single((await silo.Chain.TakeWanted("second", 4)).Shares).Hash);
        Assert.False((await gateway.Offer(line[0])).WantsShares);
        Assert.Equal(hashes[2], (await first.Renew()).Best);
    }

    [Fact]
    public async Task Request_IsAnsweredNewestFirst_ToTheStop_AndNeverWithMoreThanAThousandParents()
    {
        await using var silo = await StartAsync();
        var gateway = new TestGateway(silo);
        var line = gateway.FindLine((await gateway.WaitForWork()).Work, 10);
        var hashes = Hashes(line);
        await gateway.Offer(line);
        Assert.Equal(line[5..8].Reverse().Select(share => share.WireBytes), await silo.Chain.AnswerRequest([hashes[7]], 2, []));
        Assert.Equal(line[4..8].Reverse().Select(share => share.WireBytes), await silo.Chain.AnswerRequest([hashes[7]], ulong.MaxValue, [hashes[3]]));
        Assert.Empty(await silo.Chain.AnswerRequest([Hash256.FromNumber(7UL)], 2, []));
        Assert.Empty(await silo.Chain.AnswerRequest([hashes[7]], 2, [hashes[7]]));
        Assert.Empty(await silo.Chain.AnswerRequest([], 2, []));
        // 1000 div 500 parents for each of the same share five hundred times; what is asked beyond a thousand hashes is cut off.
        Assert.Equal(1500, (await silo.Chain.AnswerRequest([.. Enumerable.Repeat(hashes[9], 500)], 999, [])).Length);
        Assert.Equal(2000, (await silo.Chain.AnswerRequest([.. Enumerable.Repeat(hashes[9], 1000)], 999, [])).Length);
        Assert.Equal(1000, (await silo.Chain.AnswerRequest([.. Enumerable.Repeat(hashes[9], 1001)], 999, [])).Length);
    }

    [Fact]
    public async Task PublicNetwork_WaitsForPeersAndForWhatTheyAnnounced()
    {
        _daemons.Send(SimulatedTemplate.Of(1000));
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        var gateway = new TestGateway(silo);
        var peers = new TestPeers(silo);
        await Until.True(() => gateway.Renew(), answer => answer.NoWorkReason?.Contains("none is connected", StringComparison.Ordinal) == true);
        // A node is there, and announced a share that is being fetched.
        await peers.Renew(behind: true);
        Assert.Contains("fetching the share chain", (await gateway.Renew()).NoWorkReason, StringComparison.Ordinal);
        var snapshot = await Until.True(silo.Chain.Snapshot, snapshot => snapshot.OutgoingPeers == 1);
        Assert.Equal((0, 1, false), (snapshot.IncomingPeers, snapshot.OutgoingPeers, snapshot.Sync!.IsSynced));
    }

    private async Task<TestSilo> StartAsync()
    {
        // Nobody asks for shares of the day before yesterday.
        _daemons.Send(SimulatedTemplate.Of(1000, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        return await TestSilo.Start(_stores, _daemons);
    }

    private static async Task<TemplateWork?> Current(TestSilo silo) => (await silo.Template.Current()).Template;

    private static GrainInterfaces.Templates.FoundBlock Found(uint height)
    {
        var block = Block.Parse(SimulatedBlock.Found(height).Bytes.AsSpan());
        var header = Above(SimulatedTemplate.BlockAt(height - 1));
        return SimulatedBlock.Found(height) with { Hash = header.Hash(), Bytes = [.. new Block(header, block.Transactions).ToBytes()] };
    }

    private static BlockHeader Above(Hash256 previous) => new(0x20000000, previous, Hash256.Zero, 1_790_000_000, new CompactTarget(0x1d00ffff), 1);

    private static ImmutableArray<Hash256> Hashes(ImmutableArray<OfferedShare> line) =>
        [.. line.Select(share => new ShareCheck(KnownNetworks.Devnet).Check(WrappedShare.Parse(share.WireBytes.AsSpan()), share.ProofOfWork).Share!.Hash)];
}
