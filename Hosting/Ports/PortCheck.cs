using System.Net;
using System.Net.Sockets;

namespace Grainpool.Hosting.Ports;

/// <summary>Looks whether the ports of this process are free before anything of it starts.</summary>
/// <remarks>A silo that joins and then cannot listen leaves a dead member behind, which keeps the next ones waiting.</remarks>
internal sealed class PortCheck(IEnumerable<ListeningPort> ports) : IHostedLifecycleService
{
    /// <inheritdoc/>
    /// <exception cref="StartupException">One of them is taken or cannot be used.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var port in ports)
            if (TryListen(port.EndPoint) is { } error) throw new StartupException(port.Explain(error));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static SocketError? TryListen(IPEndPoint endPoint)
    {
        if (endPoint.Port == 0) return null;
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (IPAddress.IPv6Any.Equals(endPoint.Address)) socket.DualMode = true;
            socket.Bind(endPoint);
            socket.Listen();
            return null;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode;
        }
    }
}
