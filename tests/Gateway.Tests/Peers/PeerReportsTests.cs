using System.Net;
using System.Net.Sockets;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>What silos are to know of other nodes, while they do not answer and afterwards.</summary>
public sealed class PeerReportsTests : IAsyncLifetime
{
    private const string Host = "203.0.113.5";
    private readonly TestNode _node = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task OffenceWhileSilosAreAway_IsToldOnceTheyAreBack_AfterTheIntroduction()
    {
        await OffendWhileAwayAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => _node.Desk.RenewAsync(None));
        Assert.Empty(_node.Link.Offences);

        _node.Link.IsAway = false;
        await _node.Desk.RenewAsync(None);
        Assert.Equal(Host, Assert.Single(_node.Link.Introduced));
        Assert.Equal((Host, PeerFault.WrongChecksum), Assert.Single(_node.Link.Offences));
        await _node.Desk.RenewAsync(None);
        Assert.Single(_node.Link.Offences);
    }

    [Fact]
    public async Task OffenceThatWasHeardAlthoughNoAnswerCame_IsNotToldAgain()
    {
        await OffendWhileAwayAsync();
        _node.Link.Bans[Host] = _node.Time.GetUtcNow().AddDays(1);
        _node.Link.IsAway = false;
        await _node.Desk.RenewAsync(None);
        Assert.Empty(_node.Link.Offences);
        // What the cluster says counts, not the hour that this gateway would have given it.
        Assert.True(_node.Hub.IsBanned(Host, _node.Time.GetUtcNow().AddHours(23)));
    }

    [Fact]
    public async Task HostFoundToBeBannedWhenSilosAreBack_IsSentAway()
    {
        _node.Link.IsAway = true;
        var peer = _node.Connect();
        await peer.IntroduceAsync(7);
        _node.Link.Bans[Host] = _node.Time.GetUtcNow().AddDays(1);
        _node.Link.IsAway = false;
        await _node.Desk.RenewAsync(None);
        await peer.EndAsync();
    }

    [Fact]
    public async Task AddressesAndAttemptsThatNoSiloHeardOf_AreToldLater()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var gone = new PeerEndpoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();
        await _node.Desk.DialAsync(gone, None);
        var peer = await _node.MeetAsync();
        await peer.SendAsync(new AddrMeMessage(9347));
        await peer.SettleAsync();
        _node.Link.IsAway = true;
        await Assert.ThrowsAsync<TimeoutException>(() => _node.Desk.RenewAsync(None));

        _node.Link.IsAway = false;
        await _node.Desk.RenewAsync(None);
        await _node.Desk.RenewAsync(None);
        Assert.Equal(2, _node.Link.Books.Count);
        Assert.Equal(gone, Assert.Single(_node.Link.Books[0].Dialled).Endpoint);
        Assert.Equal(new PeerEndpoint(Host, 9347), Assert.Single(_node.Link.Books[0].Heard).Endpoint);
        Assert.Empty(_node.Link.Books[1].Dialled);
        Assert.Empty(_node.Link.Books[1].Heard);
    }

    [Fact]
    public async Task BannedHost_IsNotEvenGoneTo()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        await using var node = new TestNode(settings => settings with { Proxy = new PeerEndpoint("127.0.0.1", ((IPEndPoint)proxy.LocalEndpoint).Port) });
        node.Link.Bans[Host] = node.Time.GetUtcNow().AddHours(1);
        // Whoever goes anywhere goes to the proxy first.
        var dialling = node.Desk.DialAsync(new PeerEndpoint(Host, 9346), None);
        var connecting = proxy.AcceptSocketAsync(None).AsTask();
        Assert.Same(dialling, await Task.WhenAny(dialling, connecting));
        await node.Desk.RenewAsync(None);
        Assert.False(Assert.Single(node.Link.Books[^1].Dialled).Reached);
        proxy.Stop();
        await Assert.ThrowsAsync<SocketException>(() => connecting);
    }

    private async Task OffendWhileAwayAsync()
    {
        _node.Link.IsAway = true;
        var peer = _node.Connect();
        await peer.IntroduceAsync(7);
        var broken = PeerFrame.Write(_node.Network, new GetAddrsMessage(1));
        broken[^1] ^= 1;
        await peer.SendAsync(broken);
        await peer.EndAsync();
        await peer.Served;
    }
}
