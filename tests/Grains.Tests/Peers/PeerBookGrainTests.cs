using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Tests.Doubles;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>The address book in a real silo: what it takes in, whom it sends where, and what a restart keeps.</summary>
public sealed class PeerBookGrainTests
{
    private readonly TestStores _stores = new(TimeSpan.Zero);
    private readonly FakeDaemons _daemons = new();

    [Fact]
    public async Task AddressesHeardOf_AreGoneTo_OnceInTheWholeCluster()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var heard = Heard(20);
        await Book(silo).Renew(Renewal("b"));
        var first = await Book(silo).Renew(Renewal("a") with { Heard = heard });
        var second = await Book(silo).Renew(Renewal("b"));
        Assert.Equal((3, 3, 20), (first.Dial.Length, second.Dial.Length, second.Known));
        Assert.Equal(6, first.Dial.Concat(second.Dial).Distinct().Count());
        Assert.Equal([1UL, 2UL], second.OurNonces.Order());
        // What is told twice does no harm, and gives nothing twice.
        Assert.Empty((await Book(silo).Renew(Renewal("a") with { Heard = heard })).Dial);
    }

    [Fact]
    public async Task Connected_AreToldOverAllGateways()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        await Book(silo).Renew(Renewal("a") with { Connected = [Connected(1)] });
        await Book(silo).Renew(Renewal("b") with { Connected = [Connected(2)] });
        Assert.Equal([Node(1), Node(2)], (await Book(silo).Connected()).Select(peer => peer.Endpoint).OrderBy(endpoint => endpoint.Host));
    }

    [Fact]
    public async Task BookAndAnchors_OutliveTheSilo()
    {
        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            await Book(silo).Renew(Renewal("a") with { Heard = Heard(20), Connected = [Connected(7), Connected(9)] });
        }

        await using (var silo = await TestSilo.Start(_stores, _daemons))
        {
            var answer = await Book(silo).Renew(Renewal("a"));
            Assert.Equal(20, answer.Known);
            Assert.Equal([Node(7), Node(9)], answer.Dial[..2].OrderBy(endpoint => endpoint.Host));
            Assert.Equal(6, answer.Dial.Length);
        }

        // Nobody was connected this time: the anchors are still those from before.
        await using (var silo = await TestSilo.Start(_stores, _daemons))
            Assert.Equal([Node(7), Node(9)], (await Book(silo).Renew(Renewal("a"))).Dial[..2].OrderBy(endpoint => endpoint.Host));
    }

    [Fact]
    public async Task AddressesNobodyCanReach_AreNotTakenIn()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        var now = DateTimeOffset.UtcNow;
        ImmutableArray<HeardPeer> heard =
        [
            .. new[] { "10.0.0.1", "127.0.0.1", "192.168.1.1", "169.254.0.1", "0.0.0.0", "224.0.0.1", "fe80::1", "::1", "a.name.example" }
                .Select(host => new HeardPeer(new PeerEndpoint(host, 9346), now, "9.9.9.9")),
            new HeardPeer(new PeerEndpoint("20.1.0.1", 0), now, "9.9.9.9"),
            new HeardPeer(new PeerEndpoint("20.1.0.1", 9346), now, "9.9.9.9"),
            new HeardPeer(new PeerEndpoint("2a01:4f8::1", 9346), now, "9.9.9.9"),
        ];
        Assert.Equal(2, (await Book(silo).Renew(Renewal("a") with { Heard = heard, Outgoing = 0 })).Known);
    }

    [Fact]
    public async Task NodesInPrivateNetworks_AreGoneTo_AndToldToNobody()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        var here = new[] { "127.0.0.1", "192.168.1.5" }
            .Select(host => new ConnectedPeer(new PeerEndpoint(host, 9346), true, "second node", DateTimeOffset.UtcNow) { IsConfigured = true });
        var answer = await Book(silo).Renew(Renewal("a") with { Connected = [.. here, Connected(3)], Outgoing = 0 });
        Assert.Equal(3, answer.Known);
        Assert.Equal(Node(3), Assert.Single(answer.Sample).Endpoint);
    }

    [Fact]
    public async Task NobodyKnown_TheNetworksOwnNodesAreGoneTo()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons, KnownNetworks.Vertcoin);
        var answer = await Book(silo).Renew(Renewal("a"));
        Assert.Equal(6, answer.Dial.Length);
        Assert.Subset(KnownNetworks.Vertcoin.SeedHosts.ToHashSet(), answer.Dial.Select(endpoint => endpoint.Host).ToHashSet());
        Assert.All(answer.Dial, endpoint => Assert.Equal(KnownNetworks.Vertcoin.PeerPort, endpoint.Port));
    }

    [Fact]
    public async Task OurOwnAddress_IsForgotten_WhoeverTellsOfIt()
    {
        await using var silo = await TestSilo.Start(_stores, _daemons);
        var heard = Heard(1);
        Assert.Equal([Node(1)], (await Book(silo).Renew(Renewal("a") with { Heard = heard })).Dial);
        await Book(silo).Renew(Renewal("a") with { Dialled = [new DialResult(Node(1), false, IsOurselves: true)] });
        Assert.Equal(0, (await Book(silo).Renew(Renewal("b") with { Heard = heard })).Known);
    }

    private static IPeerBookGrain Book(TestSilo silo) => silo.Client.GetGrain<IPeerBookGrain>(silo.Network.Name);

    private static ConnectedPeer Connected(int number) => new(Node(number), true, "legacy", DateTimeOffset.UtcNow);

    private static ImmutableArray<HeardPeer> Heard(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new HeardPeer(Node(i), DateTimeOffset.UtcNow, $"9.{i}.9.9"))];

    private static PeerEndpoint Node(int number) => new($"20.{number}.0.1", 9346);

    private static PeerBookRenewal Renewal(string gateway) => new(gateway, gateway == "a" ? 1UL : 2UL, 6, [], [], []);
}
