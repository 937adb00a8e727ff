using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>A SOCKS5 proxy on a real socket. It goes nowhere: a test plays whoever is behind it.</summary>
internal sealed class SocksProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SocksProxy() => _listener.Start();

    public PeerEndpoint Endpoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public async Task<Socket> AcceptAsync() => await _listener.AcceptSocketAsync(None);

    /// <summary>Lets one connection through to the node it asks for by name.</summary>
    /// <returns>That name, and the node.</returns>
    public async Task<(string Name, LegacyPeer Node)> AcceptNodeAsync(NetworkParameters network)
    {
        var connection = await AcceptAsync();
        await ReadAsync(connection, 3);
        await connection.SendAsync(new byte[] { 5, 0 }, None);
        var request = await ReadAsync(connection, 5);
        Assert.Equal([5, 1, 0, 3], request[..4]);
        var name = Encoding.ASCII.GetString((await ReadAsync(connection, request[4] + sizeof(ushort)))[..request[4]]);
        await connection.SendAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, None);
        var stream = new NetworkStream(connection, ownsSocket: true);
        var endpoint = new PeerEndpoint(name, ((IPEndPoint)connection.RemoteEndPoint!).Port);
        return (name, new LegacyPeer(new DuplexPipe(PipeReader.Create(stream), PipeWriter.Create(stream)), network, endpoint, Task.CompletedTask));
    }

    public static async Task<byte[]> ReadAsync(Socket connection, int count)
    {
        var bytes = new byte[count];
        await using var stream = new NetworkStream(connection, ownsSocket: false);
        await stream.ReadExactlyAsync(bytes, None);
        return bytes;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
