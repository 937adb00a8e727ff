using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>A connection we made.</summary>
/// <param name="Transport">Bytes in and out.</param>
/// <param name="Address">Address of the node; null where it was given by name and the proxy looked that up.</param>
/// <param name="Local">Our side.</param>
/// <param name="Socket">To be disposed when it ends.</param>
internal sealed record DialledPeer(IDuplexPipe Transport, IPAddress? Address, PeerEndpoint Local, Socket Socket);

/// <summary>Goes to other nodes, through a SOCKS5 proxy where one is configured.</summary>
internal sealed class PeerDialler(PeerSettings settings, TimeProvider time)
{
    /// <summary>Connects.</summary>
    /// <returns>The connection; null when the node is not there or does not answer in time.</returns>
    public async Task<DialledPeer?> DialAsync(PeerEndpoint endpoint, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(settings.Connect, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        Socket? socket = null;
        try
        {
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var to = settings.Proxy ?? endpoint;
            await socket.ConnectAsync(IPAddress.TryParse(to.Host, out var known) ? new IPEndPoint(known, to.Port) : new DnsEndPoint(to.Host, to.Port), either.Token);
            var stream = new NetworkStream(socket);
            if (settings.Proxy is not null) await Socks5.ConnectAsync(stream, endpoint, settings.ProxyLogin, either.Token);
            var address = settings.Proxy is null ? ((IPEndPoint)socket.RemoteEndPoint!).Address
                : IPAddress.TryParse(endpoint.Host, out var named) ? named : null;
            var local = (IPEndPoint)socket.LocalEndPoint!;
            return new DialledPeer(
                new SocketPipe(stream), address, new PeerEndpoint(PeerHosts.Plain(local.Address).ToString(), local.Port), socket);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            socket?.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private sealed class SocketPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024));

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
