using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Grainpool.Gateway.Stratum;

/// <summary>The pipes of a plain connection, and the socket behind them.</summary>
/// <remarks>
/// A job of 500 payees has 35 KB and is the same bytes for all connections of an address. Sent from there to the socket it is copied once, by the
/// system; through the pipe it would be copied into buffers of every connection first, 350 MB of them for ten thousand miners. Whoever
/// encrypts a connection puts pipes of another kind in its place, and lines then go through those.
/// </remarks>
internal sealed class SocketTransport(IDuplexPipe pipes, Socket socket) : IDuplexPipe
{
    public PipeReader Input => pipes.Input;

    public PipeWriter Output => pipes.Output;

    /// <summary>Where whole lines may be sent, as long as nothing is written to <see cref="Output"/>.</summary>
    public Socket Socket => socket;

    /// <summary>Lets those who serve a connection later see its socket.</summary>
    public static ConnectionDelegate Before(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket }) connection.Transport = new SocketTransport(connection.Transport, socket);
        return next(connection);
    };
}
