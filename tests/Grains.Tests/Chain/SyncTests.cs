using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Grains.Tests.Chain;

/// <summary>When a node hands out work that is worth it: with the network's chain, or where nobody waits for that.</summary>
public sealed class SyncTests
{
    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    public SyncTests() => _daemons.Send(SimulatedTemplate.Of(1000, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()));

    [Fact]
    public async Task PublicNetwork_WithNodesThatHaveNothing_SaysSo()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        using var peers = new PeersOfGateway(silo);
        await peers.Renew(1);
        await WaitsFor(new TestGateway(silo), "no node connected has a share chain of vertcoin; set pool.solo to start a chain of your own");
    }

    [Fact]
    public async Task PublicNetwork_WorksOnlyOnceTheChainIsThere()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        using var peers = new PeersOfGateway(silo);
        await peers.Renew(1);
        var gateway = new TestGateway(silo);
        await Until.True(() => gateway.Renew(), answer => answer.Epoch > 0);
        var line = gateway.FindLine(await WorkOfAnother(), 20).Select(share => share with { Own = false, From = PeersOfGateway.Peer }).ToImmutableArray();

        // All but the first: nothing can be verified, and the first is what others are asked for.
        Assert.True((await gateway.Offer([.. line.Skip(1)])).WantsShares);
        await WaitsFor(gateway, "fetching the share chain of vertcoin");
        var progress = (await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Sync?.Goal == line.Length)).Sync!;
        Assert.Equal((false, false, 19, 20), (progress.IsSynced, progress.IsComplete, progress.Shares, progress.Goal));
        Assert.Equal(95, progress.Percent, 1);
        var wanted = Assert.Single((await silo.Chain.TakeWanted("test", 4)).Shares);
        Assert.Equal((Hash(silo.Network, line[0]), PeersOfGateway.Peer), (wanted.Hash, wanted.From));
        Assert.Empty((await silo.Chain.TakeWanted("other", 4)).Shares);

        await gateway.Offer(line[0]);
        var work = await gateway.WaitForWork();
        Assert.Equal(21u, work.Work.AbsoluteHeight);
        var done = await Until.True(silo.Chain.Snapshot, snapshot => snapshot.Sync?.IsComplete == true);
        Assert.Equal(100, done.Sync!.Percent);

        async Task<P2Pool.Work.WorkBase> WorkOfAnother()
        {
            await using var other = await TestSilo.Start(new TestStores(TimeSpan.Zero), Simulated(), KnownNetworks.Vertcoin, solo: true);
            return (await new TestGateway(other).WaitForWork()).Work;
        }
    }

    [Fact]
    public async Task PrivateNetwork_WithTimeToWait_WaitsForNodes()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, syncTimeout: TimeSpan.FromHours(1));
        await WaitsFor(new TestGateway(silo), "waiting for peers of the network devnet: none is connected; work begins without them in 3");
    }

    [Fact]
    public async Task PrivateNetwork_AfterTheTimeToWait_WorksByItself()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, syncTimeout: TimeSpan.FromSeconds(1));
        Assert.True((await new TestGateway(silo).WaitForWork()).Work.PreviousShare.IsZero);
    }

    [Fact]
    public async Task PublicNetwork_DoesNotKnowATimeToWait()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin, syncTimeout: TimeSpan.FromMilliseconds(1));
        await WaitsFor(new TestGateway(silo), "waiting for peers of the network vertcoin");
    }

    private static FakeDaemons Simulated()
    {
        var daemons = new FakeDaemons();
        daemons.Send(SimulatedTemplate.Of(1000, (uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
        return daemons;
    }

    private static P2Pool.Primitives.Hash256 Hash(NetworkParameters network, OfferedShare share) =>
        new ShareCheck(network).Check(WrappedShare.Parse(share.WireBytes.AsSpan()), share.ProofOfWork).Share!.Hash;

    private static async Task WaitsFor(TestGateway gateway, string reason)
    {
        var answer = await Until.True(() => gateway.Renew(), answer => answer.NoWorkReason?.StartsWith(reason, StringComparison.Ordinal) == true);
        Assert.Null(answer.Work);
    }

    /// <summary>A gateway that is connected with other nodes.</summary>
    private sealed class PeersOfGateway(TestSilo silo) : IPeerObserver, IDisposable
    {
        private IPeerObserver? _reference;

        public static PeerEndpoint Peer { get; } = new("198.51.100.7", 9346);

        public Task<PeerRenewalAnswer> Renew(int outgoing) => silo.Chain.RenewPeers(
            new PeerRenewal("test", _reference ??= silo.Client.CreateObjectReference<IPeerObserver>(this), 0, outgoing, Behind: false));

        public Task NewShares(ShareRelay relay) => Task.CompletedTask;

        public Task BestBlock(BlockRelay relay) => Task.CompletedTask;

        public Task BadOrigins(ImmutableArray<PeerEndpoint> origins) => Task.CompletedTask;

        public void Dispose() => GC.KeepAlive(_reference);
    }
}
