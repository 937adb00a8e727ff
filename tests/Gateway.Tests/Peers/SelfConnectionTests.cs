using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>Going to ourselves, to other gateways of the cluster, and strangers who repeat our nonce. Some of it on real sockets.</summary>
public sealed class SelfConnectionTests
{
    private const string Host = "203.0.113.5";

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StrangerWithOurNonce_IsBanned()
    {
        await using var node = new TestNode();
        var peer = node.Connect();
        await peer.SendAsync(LegacyPeer.Version(node.Hub.Nonce));
        await peer.EndAsync();
        await peer.Served;
        Assert.Equal((Host, PeerFault.Ourselves), Assert.Single(node.Link.Offences));
        Assert.Equal(PeerFaults.BanBase, PeerFault.Ourselves.Ban(node.Network));
        Assert.Null(await node.Connect().ReceiveAsync());
    }

    [Fact]
    public async Task OurNonce_FromAnAddressOfOurOwn_IsNoBan()
    {
        await using var node = new TestNode(settings => settings with { External = new PeerEndpoint(Host, 9346) });
        var peer = node.Connect();
        await peer.SendAsync(LegacyPeer.Version(node.Hub.Nonce));
        await peer.EndAsync();
        await peer.Served;
        Assert.Empty(node.Link.Offences);
        await node.MeetAsync();
    }

    [Fact]
    public async Task AnotherGatewayOfTheCluster_IsLeft_AlsoWhenItIsFoundOutLater_WithoutABan()
    {
        await using var node = new TestNode();
        var early = node.Connect();
        await early.IntroduceAsync(7);
        node.Hub.LearnOurs([7, 8]);
        await early.EndAsync();
        var late = node.Connect();
        await late.SendAsync(LegacyPeer.Version(8));
        await late.EndAsync();
        Assert.Empty(node.Link.Offences);
        await node.MeetAsync();
    }

    [Fact]
    public async Task GatewayThatIsSentToItself_SaysSoToTheBook()
    {
        using var listener = Listener();
        await using var node = new TestNode();
        var accepting = AcceptAsync(listener, node);
        var own = new PeerEndpoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        await node.Desk.DialAsync(own, None);
        // The end that came is gone a moment later.
        await PassUntilAsync(node, () => !node.Hub.Sessions.Any(), TimeSpan.FromMilliseconds(1));
        await node.Desk.RenewAsync(None);
        var result = Assert.Single(node.Link.Books[^1].Dialled);
        Assert.Equal((own, true), (result.Endpoint, result.IsOurselves));
        Assert.Empty(node.Hub.Sessions);
        Assert.Empty(node.Link.Offences);
        listener.Stop();
        Assert.Equal(1, await accepting);
    }

    [Fact]
    public async Task GatewayThatStandsAmongTheConfiguredNodes_GoesToItselfOnce()
    {
        using var listener = Listener();
        var own = new PeerEndpoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        await using var node = new TestNode(settings => settings with { Nodes = [own] });
        var accepting = AcceptAsync(listener, node);
        await node.Desk.StartAsync(None);
        // Slowly: the introduction takes its time, and has ten seconds for it.
        await PassUntilAsync(node, () => node.Link.Books.Any(book => book.Dialled.Any(result => result.IsOurselves)), TimeSpan.FromMilliseconds(10));
        var books = node.Link.Books.Count;
        // Many retries' time.
        await PassUntilAsync(node, () => node.Link.Books.Count > books + 100, TimeSpan.FromSeconds(1));
        await node.Desk.StopAsync(None);
        listener.Stop();
        Assert.Equal(1, await accepting);
    }

    [Fact]
    public async Task ConfiguredNodeThatAnotherGatewayHas_IsGoneToWhenThatIsGone_OrNoSiloSays()
    {
        using var listener = Listener();
        var to = new PeerEndpoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
        await using var node = new TestNode(settings => settings with { Nodes = [to] });
        await using var there = new TestNode();
        var accepting = AcceptAsync(listener, there);
        node.Link.HeldElsewhere = [to];
        await node.Desk.StartAsync(None);
        await PassUntilAsync(node, () => node.Link.Books.Count > 20, TimeSpan.FromMilliseconds(500));
        Assert.Empty(there.Hub.Sessions);
        node.Link.IsAway = true;
        await PassUntilAsync(node, () => node.Hub.Peers.Any(), TimeSpan.FromMilliseconds(500));
        // The silos are back, and say that another one has it.
        var books = node.Link.Books.Count;
        node.Link.IsAway = false;
        await PassUntilAsync(node, () => node.Link.Books.Count > books + 2, TimeSpan.FromMilliseconds(500));
        Assert.Single(node.Hub.Peers).End("a test");
        books = node.Link.Books.Count;
        await PassUntilAsync(node, () => node.Link.Books.Count > books + 20 && !node.Hub.Sessions.Any(), TimeSpan.FromMilliseconds(500));
        node.Link.HeldElsewhere = [];
        await PassUntilAsync(node, () => node.Hub.Peers.Any(), TimeSpan.FromMilliseconds(500));
        await node.Desk.StopAsync(None);
        foreach (var session in node.Hub.Sessions) session.End("a test");
        listener.Stop();
        Assert.Equal(2, await accepting);
    }

    [Fact]
    public async Task ConfiguredNodeThatLetsUsInAndSendsUsAway_IsGoneToLessAndLessOften()
    {
        using var listener = Listener();
        await using var node = new TestNode(settings => settings with { Nodes = [new PeerEndpoint("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port)] });
        var times = new List<DateTimeOffset>();
        var begun = node.Time.GetUtcNow();
        var sendingAway = SendAwayAsync();
        await node.Desk.StartAsync(None);
        await PassUntilAsync(node, () => times.Count >= 5, TimeSpan.FromMilliseconds(100));
        await node.Desk.StopAsync(None);
        listener.Stop();
        await sendingAway;
        // Two seconds, four, eight, sixteen. All counted from the beginning: the clock goes on while a machine with much to do lets a connection in, so the
        // time between two of these may be any less than that between two calls.
        for (var i = 0; i < 5; i++) Assert.InRange((times[i] - begun).TotalSeconds, Math.Pow(2, i + 1) - 2, double.MaxValue);

        async Task SendAwayAsync()
        {
            try
            {
                while (true)
                {
                    using var socket = await listener.AcceptSocketAsync(None);
                    times.Add(node.Time.GetUtcNow());
                    await socket.SendAsync(PeerFrame.Write(node.Network, LegacyPeer.Version(77)), None);
                    // It has been let in when it pings.
                    var (bytes, got) = (new byte[4096], 0);
                    while (bytes.AsSpan(0, got).IndexOf("ping"u8) < 0 && await socket.ReceiveAsync(bytes.AsMemory(got), None) is > 0 and var more) got += more;
                }
            }
            catch (Exception ended) when (ended is SocketException or InvalidOperationException)
            {
                // The port is closed.
            }
        }
    }

    /// <summary>A port for both kinds of addresses sees IPv4 in its IPv6 dress; bans, limits and gossip must know the host by its own address all the same.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task OnePortForBothKindsOfAddresses_BothEndsKnowEachOtherByTheirOwn(string host)
    {
        if (!Socket.OSSupportsIPv6) return;
        using var listener = TcpListener.Create(0);
        listener.Start();
        await using var here = new TestNode();
        await using var there = new TestNode();
        var accepting = AcceptAsync(listener, there);
        var to = new PeerEndpoint(host, ((IPEndPoint)listener.LocalEndpoint).Port);
        var dialled = here.Desk.DialAsync(to, None);
        await PassUntilAsync(here, () => here.Hub.Peers.Any() && there.Hub.Peers.Any(), TimeSpan.FromMilliseconds(1));
        var (mine, theirs) = (Assert.Single(here.Hub.Peers), Assert.Single(there.Hub.Peers));
        Assert.Equal((to, to, host), (mine.Endpoint, mine.ReachedAt, mine.Host));
        Assert.Equal((host, host), (theirs.Endpoint.Host, theirs.Host));
        mine.End("a test");
        await dialled;
        listener.Stop();
        Assert.Equal(1, await accepting);
    }

    [Fact]
    public async Task ConnectionThatIsReset_LeavesNothingBehind()
    {
        using var listener = Listener();
        await using var node = new TestNode();
        var accepting = AcceptAsync(listener, node);
        for (var i = 0; i < 20; i++)
        {
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.LocalEndpoint, None);
            await client.SendAsync(PeerFrame.Write(node.Network, LegacyPeer.Version((ulong)i + 100)), None);
            var buffer = new byte[1];
            await client.ReceiveAsync(buffer, None);
            // A reset, in the middle of things.
            client.LingerState = new LingerOption(true, 0);
        }
        await PassUntilAsync(node, () => !node.Hub.Sessions.Any(), TimeSpan.FromMilliseconds(10));
        listener.Stop();
        Assert.Equal(20, await accepting);
        Assert.Empty(node.Link.Offences);
    }

    private static TcpListener Listener()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    // As Kestrel does. Completes with the number of connections when the port is closed and all of them have ended.
    private static async Task<int> AcceptAsync(TcpListener listener, TestNode node)
    {
        var served = new List<Task>();
        try
        {
            while (true) served.Add(ServeAsync(await listener.AcceptSocketAsync(None), node));
        }
        catch (SocketException)
        {
            // The port is closed.
        }
        await Task.WhenAll(served);
        return served.Count;
    }

    private static async Task ServeAsync(Socket socket, TestNode node)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var pipe = new Doubles.DuplexPipe(PipeReader.Create(stream), PipeWriter.Create(stream));
        await node.Desk.AcceptAsync(pipe, (IPEndPoint)socket.RemoteEndPoint!, (IPEndPoint)socket.LocalEndPoint!, None);
    }

    private static async Task PassUntilAsync(TestNode node, Func<bool> condition, TimeSpan step)
    {
        var begun = System.Diagnostics.Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "it does not come about");
            await Task.Delay(1, None);
            node.Time.Advance(step);
        }
    }
}
