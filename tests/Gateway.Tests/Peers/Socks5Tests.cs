using System.Net;
using System.Net.Sockets;
using Grainpool.Gateway.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>Going to nodes through a SOCKS5 proxy: the proxy is a double on a real socket.</summary>
public sealed class Socks5Tests
{
    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("203.0.113.7", new byte[] { 1, 203, 0, 113, 7 })]
    [InlineData("2001:db8::7", new byte[] { 4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7 })]
    [InlineData("ab.onion", new byte[] { 3, 8, (byte)'a', (byte)'b', (byte)'.', (byte)'o', (byte)'n', (byte)'i', (byte)'o', (byte)'n' })]
    public async Task Node_IsAskedForAsTheAddressOrNameItIs_AndTheConnectionIsItsOwn(string host, byte[] address)
    {
        await using var proxy = new SocksProxy();
        var dialling = Dialler(proxy).DialAsync(new PeerEndpoint(host, 9346), None);
        using var connection = await proxy.AcceptAsync();
        Assert.Equal([5, 1, 0], await SocksProxy.ReadAsync(connection, 3));
        await connection.SendAsync(new byte[] { 5, 0 }, None);
        Assert.Equal([5, 1, 0, .. address, 9346 >> 8, 9346 & 0xff], await SocksProxy.ReadAsync(connection, 5 + address.Length));
        // The node speaks at once: its first byte comes with the last one of the proxy.
        await connection.SendAsync(new byte[] { 5, 0, 0, 3, 4, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 1, 2, 0x1c }, None);

        var dialled = Assert.IsType<DialledPeer>(await dialling);
        using var socket = dialled.Socket;
        Assert.Equal(IPAddress.TryParse(host, out var known) ? known : null, dialled.Address);
        var read = await dialled.Transport.Input.ReadAsync(None);
        Assert.Equal(0x1c, read.Buffer.FirstSpan[0]);
        await dialled.Transport.Output.WriteAsync(new byte[] { 7 }, None);
        Assert.Equal([7], await SocksProxy.ReadAsync(connection, 1));
    }

    [Fact]
    public async Task ProxyThatWantsALogin_GetsIt()
    {
        await using var proxy = new SocksProxy();
        var dialling = Dialler(proxy, ("me", "secret")).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
        using var connection = await proxy.AcceptAsync();
        Assert.Equal([5, 2, 0, 2], await SocksProxy.ReadAsync(connection, 4));
        await connection.SendAsync(new byte[] { 5, 2 }, None);
        Assert.Equal([1, 2, .. "me"u8, 6, .. "secret"u8], await SocksProxy.ReadAsync(connection, 11));
        await connection.SendAsync(new byte[] { 1, 0 }, None);
        await SocksProxy.ReadAsync(connection, 10);
        await connection.SendAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, None);
        using var socket = Assert.IsType<DialledPeer>(await dialling).Socket;
    }

    [Fact]
    public async Task LoginRefused_IsNoConnection()
    {
        await using var proxy = new SocksProxy();
        var dialling = Dialler(proxy, ("me", "secret")).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
        using var connection = await proxy.AcceptAsync();
        await connection.SendAsync(new byte[] { 5, 2, 1, 1 }, None);
        Assert.Null(await dialling);
    }

    [Fact]
    public async Task LoginThatIsNotThere_IsNoConnection()
    {
        await using var proxy = new SocksProxy();
        var dialling = Dialler(proxy).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
        using var connection = await proxy.AcceptAsync();
        await connection.SendAsync(new byte[] { 5, 2 }, None);
        Assert.Null(await dialling);
    }

    [Fact]
    public async Task EveryRefusal_IsNoConnection()
    {
        for (byte code = 1; code <= 9; code++)
        {
            await using var proxy = new SocksProxy();
            var dialling = Dialler(proxy).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
            using var connection = await proxy.AcceptAsync();
            await connection.SendAsync(new byte[] { 5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0 }, None);
            Assert.Null(await dialling);
        }
    }

    [Theory]
    [InlineData(new byte[] { 4, 0 })]
    [InlineData(new byte[] { 5, 0xff })]
    [InlineData(new byte[] { (byte)'H', (byte)'T', (byte)'T', (byte)'P' })]
    [InlineData(new byte[] { 5, 0, 4, 0, 0, 1 })]
    [InlineData(new byte[] { 5, 0, 5, 0, 0, 9 })]
    public async Task WhatIsNoProxy_IsNoConnection(byte[] answer)
    {
        await using var proxy = new SocksProxy();
        var dialling = Dialler(proxy).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
        using var connection = await proxy.AcceptAsync();
        await connection.SendAsync(answer, None);
        Assert.Null(await dialling);
    }

    [Fact]
    public async Task AnswerCutAnywhere_IsNoConnection()
    {
        byte[] whole = [5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 5, 6];
        for (var cut = 0; cut < whole.Length; cut++)
        {
            await using var proxy = new SocksProxy();
            var dialling = Dialler(proxy).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
            using (var connection = await proxy.AcceptAsync())
            {
                await connection.SendAsync(whole.AsMemory(0, cut), None);
                connection.Shutdown(SocketShutdown.Send);
                Assert.Null(await dialling);
            }
        }
    }

    [Fact]
    public async Task ProxyThatSaysNothing_IsGivenUp()
    {
        await using var proxy = new SocksProxy();
        var time = new Doubles.ObservedTime();
        var settings = Settings(proxy);
        var dialling = new PeerDialler(settings, time).DialAsync(new PeerEndpoint("203.0.113.7", 9346), None);
        using var connection = await proxy.AcceptAsync();
        await SocksProxy.ReadAsync(connection, 3);
        time.Advance(settings.Connect);
        Assert.Null(await dialling);
    }

    [Fact]
    public async Task NoProxyThere_IsNoConnection()
    {
        PeerDialler dialler;
        await using (var proxy = new SocksProxy()) dialler = Dialler(proxy);
        Assert.Null(await dialler.DialAsync(new PeerEndpoint("203.0.113.7", 9346), None));
    }

    private static PeerSettings Settings(SocksProxy proxy, (string, string)? login = null) => new() { Proxy = proxy.Endpoint, ProxyLogin = login };

    private static PeerDialler Dialler(SocksProxy proxy, (string, string)? login = null) => new(Settings(proxy, login), TimeProvider.System);
}
