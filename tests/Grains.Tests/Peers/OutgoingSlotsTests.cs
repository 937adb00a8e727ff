using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>Whom each gateway goes to: the cluster's places are shared, no node is gone to twice, and nobody goes to himself.</summary>
public sealed class OutgoingSlotsTests
{
    private const int Places = 6;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly AddressBook _book = new(7, new Random(7));
    private readonly OutgoingSlots _slots;
    private readonly Dictionary<string, List<ConnectedPeer>> _connected = [];
    private DateTimeOffset _now = Start;

    public OutgoingSlotsTests() => _slots = new OutgoingSlots(_book);

    [Fact]
    public void GatewaysThatBeginTogether_GetEqualParts_EachNodeOnce()
    {
        Hear(100);
        foreach (var gateway in new[] { "a", "b", "c" }) Learn(gateway);
        foreach (var gateway in new[] { "a", "b", "c" }) Connect(gateway, Give(gateway));
        Assert.Equal([2, 2, 2], _connected.Values.Select(peers => peers.Count));
        Assert.Equal(Places, All.Select(peer => peer.Endpoint).Distinct().Count());
        Assert.Equal(Places, All.Select(peer => PeerHosts.GroupOf(peer.Endpoint.Host)).Distinct().Count());
        Assert.All(_connected.Keys.ToList(), gateway => Assert.Empty(Renew(gateway)));
    }

    [Fact]
    public void GatewayThatComesLater_GetsItsPart_OnePlaceAMinute()
    {
        Hear(100);
        Connect("a", Renew("a"));
        Assert.Equal(Places, _connected["a"].Count);
        Assert.Empty(Renew("b"));
        for (var minute = 0; minute < 3; minute++)
        {
            Learn("a");
            var left = Assert.Single(_slots.Leave(Renewal("a"), _now));
            Assert.Equal(_connected["a"].MaxBy(peer => peer.Since)!.Endpoint, left);
            _connected["a"].RemoveAll(peer => peer.Endpoint == left);
            Assert.Empty(_slots.Leave(Renewal("a"), _now));
            Learn("a");
            Connect("b", Renew("b"));
            Assert.Empty(Give("a"));
            Pass(OutgoingSlots.Moving);
        }
        Assert.Equal((3, 3), (_connected["a"].Count, _connected["b"].Count));
        Assert.Empty(_slots.Leave(Renewal("a"), _now));
    }

    [Fact]
    public void NodeBeingGoneTo_IsNobodyElses_UntilThatCameToNothing()
    {
        var only = Node(1);
        _book.Hear(only, "9.9.9.9", _now, _now);
        Assert.Equal([only], Renew("a"));
        Assert.Empty(Renew("b"));
        // The gateway that was to go there never says how it went.
        _now += OutgoingSlots.Given;
        Assert.Equal([only], Renew("b"));
    }

    [Fact]
    public void NodeNotReached_MakesItsPlaceFreeAtOnce_AndIsLeftAloneForAWhile()
    {
        Hear(1);
        var node = Assert.Single(Renew("a"));
        _slots.Learn(Renewal("a") with { Dialled = [new DialResult(node, Reached: false, IsOurselves: false)] }, _now);
        Assert.Empty(Give("a"));
        Hear(1, first: 2);
        Assert.Equal([Node(2)], Give("a"));
    }

    [Fact]
    public void GatewayThatDies_LeavesItsPlacesToTheOthers()
    {
        Hear(100);
        foreach (var gateway in new[] { "a", "b" }) Learn(gateway);
        foreach (var gateway in new[] { "a", "b" }) Connect(gateway, Give(gateway));
        Assert.Empty(Renew("b"));
        _now += OutgoingSlots.Validity;
        var given = Renew("b");
        Assert.Equal(3, given.Length);
        Assert.Equal(Places, _connected["b"].Count + given.Length);
    }

    [Fact]
    public void OurOwnGateways_AreNeverGoneTo()
    {
        var (own, found) = (Node(1), Node(2));
        _book.Hear(own, "9.9.9.9", _now, _now);
        _book.Hear(found, "9.9.9.9", _now, _now);
        _slots.Learn(Renewal("a") with { Own = [own] }, _now);
        Assert.Equal([found], Give("b"));
        _slots.Learn(Renewal("b") with { Dialled = [new DialResult(found, Reached: false, IsOurselves: true)] }, _now);
        Assert.True(_slots.IsOurs(own) && _slots.IsOurs(found));
        Assert.Equal(0, _book.Count);
        Assert.Empty(Give("a"));
    }

    [Fact]
    public void ConfiguredNodes_TakeNoPlace()
    {
        Hear(100);
        _connected["a"] = [.. Enumerable.Range(200, 4).Select(i => new ConnectedPeer(Node(i), true, "", _now) { IsConfigured = true })];
        Assert.Equal(Places, Renew("a").Length);
    }

    [Fact]
    public void Anchors_AreGoneToFirst_ThenSeedsWhenNobodyIsKnown()
    {
        var anchor = Node(50);
        _slots.Begin([anchor]);
        ImmutableArray<PeerEndpoint> seeds = [new PeerEndpoint("seed.example", 9346)];
        Learn("a");
        var given = _slots.Give(Renewal("a"), seeds, _now);
        Assert.Equal([anchor, seeds[0]], given);
    }

    [Fact]
    public void NodeTwoGatewaysCameTo_ByNameAndByAddress_IsLeftByTheSecond()
    {
        var seed = new PeerEndpoint("seed.example", 9346);
        _connected["a"] = [new ConnectedPeer(seed, true, "", _now) { ReachedAt = Node(1) }];
        _connected["b"] = [new ConnectedPeer(Node(1), true, "", _now.AddSeconds(1)), new ConnectedPeer(Node(2), true, "", _now)];
        foreach (var gateway in _connected.Keys) Learn(gateway);
        Assert.Empty(_slots.Leave(Renewal("a"), _now));
        Assert.Equal([Node(1)], _slots.Leave(Renewal("b"), _now));
        // Nor is anybody sent to its neighbourhood by address, or to it by name.
        Hear(1);
        _connected["b"].RemoveAt(0);
        Learn("b");
        Assert.DoesNotContain(_slots.Give(Renewal("b"), [seed], _now), given => given == Node(1) || given == seed);
    }

    [Fact]
    public void NodeThatIsConfiguredAtAnotherGateway_IsLeft_HoweverLongItWasThere()
    {
        _connected["a"] = [new ConnectedPeer(Node(1), true, "", _now)];
        _connected["b"] = [new ConnectedPeer(Node(1), true, "", _now.AddSeconds(1)) { IsConfigured = true }];
        foreach (var gateway in _connected.Keys) Learn(gateway);
        Assert.Equal([Node(1)], _slots.Leave(Renewal("a"), _now));
        Assert.Empty(_slots.Leave(Renewal("b"), _now));
        // Configured at both, the first has it, and the other is told so for as long as that lives.
        _connected["a"] = [new ConnectedPeer(Node(1), true, "", _now) { IsConfigured = true }];
        Learn("a");
        Assert.Empty(_slots.Leave(Renewal("a"), _now));
        Assert.Equal([Node(1)], _slots.Leave(Renewal("b"), _now));
        Assert.Equal([Node(1)], _slots.HeldElsewhere("b"));
        _connected["b"] = [];
        Learn("b");
        Assert.Empty(_slots.HeldElsewhere("a"));
        _now += OutgoingSlots.Validity;
        Learn("b");
        Assert.Empty(_slots.HeldElsewhere("b"));
        Learn("a");
        // One that came to the other by itself is another matter.
        _connected["b"] = [new ConnectedPeer(Node(1), false, "", _now.AddSeconds(-1))];
        Learn("b");
        Assert.Empty(_slots.Leave(Renewal("a"), _now));
    }

    [Fact]
    public void NodeThatLetsUsInAndSendsUsAway_IsLeftAloneForAWhile()
    {
        Hear(1);
        Connect("a", Renew("a"));
        _connected["a"].Clear();
        _slots.Learn(Renewal("a") with { Dialled = [new DialResult(Node(1), Reached: true, IsOurselves: false)] }, _now);
        Assert.Empty(Give("a"));
        Pass(TimeSpan.FromSeconds(31));
        Assert.Equal([Node(1)], Give("a"));
        // One that stood for long and breaks is gone to at once.
        Connect("a", [Node(1)]);
        Pass(TimeSpan.FromMinutes(10));
        _connected["a"].Clear();
        _slots.Learn(Renewal("a") with { Dialled = [new DialResult(Node(1), Reached: true, IsOurselves: false)] }, _now);
        Assert.Equal([Node(1)], Give("a"));
    }

    /// <summary>Five gateways that come, go, connect and lose connections at random for a day: never two at one node, nor two in one neighbourhood.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhateverHappens_NoNodeIsGoneToTwice(int seed)
    {
        var random = new Random(seed);
        Hear(60);
        var given = new Dictionary<PeerEndpoint, (string Gateway, DateTimeOffset At)>();
        var most = 0;
        for (var round = 0; round < 10_000; round++)
        {
            Pass(TimeSpan.FromSeconds(1 + random.Next(4)));
            var gateway = $"gateway {random.Next(5)}";
            var mine = _connected.TryGetValue(gateway, out var known) ? known : _connected[gateway] = [];
            mine.RemoveAll(_ => random.Next(20) == 0);
            var results = new List<DialResult>();
            foreach (var (endpoint, to) in given.Where(each => each.Value.Gateway == gateway).ToList())
            {
                var reached = random.Next(4) > 0;
                if (reached) mine.Add(new ConnectedPeer(endpoint, true, "", _now));
                else results.Add(new DialResult(endpoint, false, false));
                given.Remove(endpoint);
            }
            // One that is silent for long is dead, and what it had is free.
            foreach (var (endpoint, _) in given.Where(each => _now - each.Value.At >= OutgoingSlots.Given).ToList()) given.Remove(endpoint);

            _slots.Learn(Renewal(gateway) with { Dialled = [.. results] }, _now);
            foreach (var endpoint in _slots.Give(Renewal(gateway), [], _now))
            {
                Assert.DoesNotContain(endpoint, given.Keys);
                Assert.DoesNotContain(endpoint, _slots.Connected.Select(peer => peer.Endpoint));
                given.Add(endpoint, (gateway, _now));
            }
            foreach (var endpoint in _slots.Leave(Renewal(gateway), _now)) mine.RemoveAll(peer => peer.Endpoint == endpoint);
            most = Math.Max(most, _slots.Connected.Count());
        }
        Assert.Equal(Places, most);
    }

    private IEnumerable<ConnectedPeer> All => _connected.Values.SelectMany(peers => peers);

    private void Hear(int nodes, int first = 1)
    {
        foreach (var i in Enumerable.Range(first, nodes)) _book.Hear(Node(i), $"9.{i}.9.9", _now, _now);
    }

    // Gateways that live say so all the time.
    private void Pass(TimeSpan time)
    {
        _now += time;
        foreach (var gateway in _connected.Keys) Learn(gateway);
    }

    private void Connect(string gateway, IEnumerable<PeerEndpoint> given)
    {
        if (!_connected.TryGetValue(gateway, out var mine)) _connected[gateway] = mine = [];
        foreach (var endpoint in given) mine.Add(new ConnectedPeer(endpoint, true, "", _now += TimeSpan.FromMilliseconds(1)));
        Learn(gateway);
    }

    private ImmutableArray<PeerEndpoint> Renew(string gateway)
    {
        Learn(gateway);
        return Give(gateway);
    }

    private void Learn(string gateway) => _slots.Learn(Renewal(gateway), _now);

    private ImmutableArray<PeerEndpoint> Give(string gateway) => _slots.Give(Renewal(gateway), [], _now);

    private PeerBookRenewal Renewal(string gateway) =>
        new(gateway, 1, Places, [.. _connected.TryGetValue(gateway, out var mine) ? mine : []], [], []);

    private static PeerEndpoint Node(int number) => new($"20.{number}.0.1", 9346);
}
