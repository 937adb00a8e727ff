using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>Nodes given by name that a proxy looks up: we never learn their addresses, and yet each is a host of its own.</summary>
public sealed class NamedNodesTests : IAsyncDisposable
{
    private readonly SocksProxy _proxy = new();
    private readonly TestNode _node;

    public NamedNodesTests() => _node = new TestNode(settings => settings with { Proxy = _proxy.Endpoint });

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task OneThatOffends_IsBannedByItsName_AndTheOtherStaysAndIsGoneToAgain()
    {
        var (bad, badDial) = await DialAsync("Bad.example");
        var (good, goodDial) = await DialAsync("good.example");
        await bad.IntroduceAsync(7);
        await good.IntroduceAsync(8);
        await bad.SendAsync(LegacyPeer.Version(7));
        await bad.EndAsync();
        await badDial;
        Assert.Equal(("bad.example", PeerFault.IntroducedTwice), Assert.Single(_node.Link.Offences));
        await good.SettleAsync();

        _node.Link.Bans["bad.example"] = _node.Time.GetUtcNow().AddHours(1);
        await good.DisposeAsync();
        await goodDial;
        (good, goodDial) = await DialAsync("good.example");
        await good.IntroduceAsync(8);
        await good.SettleAsync();
        // Not even the proxy is asked for it.
        await _node.Desk.DialAsync(new PeerEndpoint("bad.example", 9346), None);
        Assert.Null(_node.Hub.Find(new PeerEndpoint("bad.example", 9346)));
        await good.SettleAsync();
        await good.DisposeAsync();
        await goodDial;
        await bad.DisposeAsync();
    }

    [Fact]
    public async Task PortThatOneSaysItListensAt_IsNoAddress_AndToldToNobody()
    {
        var other = await _node.MeetAsync();
        var (named, dial) = await DialAsync("good.example");
        await named.IntroduceAsync(8);
        for (var i = 0; i < 50; i++) await named.SendAsync(new AddrMeMessage(9346));
        await named.SettleAsync();
        await _node.Desk.RenewAsync(None);
        Assert.Empty(_node.Link.Books[^1].Heard);
        var question = new ShareReqMessage(Hash256.FromNumber(7UL), [Hash256.FromNumber(1UL)], 0, []);
        await other.SendAsync(question);
        while (await other.ReceiveAsync() is { } message && message is not ShareReplyMessage) Assert.IsNotType<AddrsMessage>(message);
        await named.DisposeAsync();
        await dial;
    }

    private async Task<(LegacyPeer Node, Task Dialled)> DialAsync(string name)
    {
        var dialled = _node.Desk.DialAsync(new PeerEndpoint(name, 9346), None);
        var (asked, node) = await _proxy.AcceptNodeAsync(_node.Network);
        Assert.Equal(name, asked);
        return (node, dialled);
    }
}
