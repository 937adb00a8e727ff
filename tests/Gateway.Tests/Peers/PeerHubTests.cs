using System.Net;
using Grainpool.Gateway.Peers;
using Grainpool.P2Pool.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>What a gateway knows on account of all its connections.</summary>
public sealed class PeerHubTests
{
    [Fact]
    public async Task TwoWithOneNonceAtOneTime_TheSecondIsRefused_AndMayComeWhenTheFirstIsGone()
    {
        await using var node = new TestNode();
        using var first = Session(node, 1);
        using var second = Session(node, 2);
        // Neither has got as far as to be introduced.
        Assert.Null(node.Hub.Judge(first, 7));
        Assert.Equal(PeerFault.AlreadyConnected, node.Hub.Judge(second, 7));
        node.Hub.Remove(first);
        Assert.Null(node.Hub.Judge(second, 7));
    }

    [Fact]
    public async Task NodeGoneToTwice_ByAddressesThatDoNotLookAlike_IsLeftOnce()
    {
        await using var node = new TestNode();
        using var first = Session(node, 1, "203.0.113.5", isOutgoing: true);
        using var second = Session(node, 2, "2001:db8::5", isOutgoing: true);
        using var incoming = Session(node, 3, "2001:db8::5");
        Assert.Null(node.Hub.Judge(first, 7));
        Assert.Equal(PeerFault.AlreadyConnected, node.Hub.Judge(second, 7));
        Assert.Null(node.Hub.Judge(incoming, 7));
    }

    [Fact]
    public async Task MoreBudgetsThanAreKept_TheFirstBeginsAnew_OneThatCameAgainStays()
    {
        await using var node = new TestNode(settings => settings with { AddressRequests = (1, 0) });
        var now = node.Time.GetUtcNow();
        for (var i = 0; i < PeerHub.MostBudgetsKept; i++) Assert.True(node.Hub.BudgetOf($"host {i}", now).AddressRequests.TryTake(1, now));
        Assert.False(node.Hub.BudgetOf("host 0", now).AddressRequests.TryTake(1, now));
        node.Hub.BudgetOf("one more", now);
        Assert.False(node.Hub.BudgetOf("host 0", now).AddressRequests.TryTake(1, now));
        Assert.True(node.Hub.BudgetOf("host 1", now).AddressRequests.TryTake(1, now));
    }

    [Fact]
    public async Task MoreBansThanAreKept_TheFirstIsForgotten_TheOthersStand()
    {
        await using var node = new TestNode();
        var (now, until) = (node.Time.GetUtcNow(), node.Time.GetUtcNow().AddHours(1));
        for (var i = 0; i < PeerHub.MostBansKept; i++) node.Hub.Ban($"host {i}", until);
        // The oldest offends again: now it is the newest.
        node.Hub.Ban("host 0", until);
        node.Hub.Ban("one more", until);
        Assert.False(node.Hub.IsBanned("host 1", now));
        foreach (var host in new[] { "host 0", "host 2", $"host {PeerHub.MostBansKept - 1}", "one more" }) Assert.True(node.Hub.IsBanned(host, now), host);
    }

    [Fact]
    public async Task ShortBanAfterALongOne_TheLongOneStands()
    {
        await using var node = new TestNode();
        var now = node.Time.GetUtcNow();
        node.Hub.Ban("host", now.AddDays(7));
        node.Hub.Ban("host", now.AddSeconds(30));
        Assert.True(node.Hub.IsBanned("host", now.AddDays(6)));
        Assert.False(node.Hub.IsBanned("host", now.AddDays(7)));
    }

    private static PeerSession Session(TestNode node, int port, string host = "203.0.113.5", bool isOutgoing = false)
    {
        var endpoint = new PeerEndpoint(host, port);
        return new PeerSession(node.Services, endpoint, IPAddress.Parse(endpoint.Host), endpoint, isOutgoing, NullLogger.Instance);
    }
}
