using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Grainpool.Gateway.Peers;

/// <summary>The port for other nodes.</summary>
internal sealed class PeerPort(PeerDesk desk) : ConnectionHandler
{
    /// <inheritdoc/>
    public override Task OnConnectedAsync(ConnectionContext connection) => connection.RemoteEndPoint is IPEndPoint remote
        ? desk.AcceptAsync(connection.Transport, remote, connection.LocalEndPoint as IPEndPoint, connection.ConnectionClosed)
        : Task.CompletedTask;
}
