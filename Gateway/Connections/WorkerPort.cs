using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Grainpool.Gateway.Stratum;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Grainpool.Gateway.Connections;

/// <summary>Who may come in by the worker port, and how.</summary>
/// <param name="FirstByte">How long a connection may say nothing, and a handshake may take.</param>
/// <param name="Silence">How long a connection may take nothing of what it is sent, not even acknowledge it.</param>
/// <param name="Tls">Whether TLS is spoken.</param>
/// <param name="Proxies">From these, and only from these, a PROXY header is expected.</param>
internal sealed record PortSettings(TimeSpan FirstByte, TimeSpan Silence, bool Tls, IReadOnlyList<IPNetwork> Proxies);

/// <summary>The worker port: miners and browsers come to the same one, plain or by TLS, straight or through a proxy. The first bytes tell.</summary>
internal sealed partial class WorkerPort(
    MinerSessions sessions, HostBook hosts, PoolCertificate certificate, PortSettings settings, TimeProvider time, ILogger<WorkerPort> log)
{
    private const byte StratumStart = (byte)'{';
    private const byte TlsStart = 0x16;

    private readonly ILogger _log = log;

    /// <summary>Who serves a connection: a session, or <paramref name="http"/>.</summary>
    public ConnectionDelegate Before(ConnectionDelegate http) => async connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket } && !TryLimitSilence(socket)) return;
        if (IsProxy(connection.RemoteEndPoint) && !await TakeProxyHeaderAsync(connection))
        {
            Instruments.ConnectionsRefused.WithLabels("proxy-header").Inc();
            LogNoHeader(Origin.Of(connection.RemoteEndPoint).Name);
            return;
        }
        var origin = Origin.Of(connection.RemoteEndPoint);
        switch (hosts.Enter(origin.Host))
        {
            case Admission.Banned:
                Instruments.ConnectionsRefused.WithLabels("banned").Inc();
                return;
            case Admission.TooMany:
                Instruments.ConnectionsRefused.WithLabels("too-many-of-host").Inc();
                LogTooMany(origin.Name);
                return;
        }
        try
        {
            await ServeAsync(connection, origin, http);
        }
        finally
        {
            hosts.Leave(origin.Host);
        }
    };

    private async Task ServeAsync(ConnectionContext connection, Origin origin, ConnectionDelegate http)
    {
        var first = await FirstByteAsync(connection.Transport.Input, connection.ConnectionClosed);
        if (first != TlsStart)
        {
            await ServePlainAsync(connection, origin, first, http);
            return;
        }
        if (!settings.Tls)
        {
            LogTls(origin.Name);
            return;
        }

        using var timeout = new CancellationTokenSource(settings.FirstByte, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        var tls = await TlsConnection.OpenAsync(connection.Transport, certificate, either.Token);
        if (tls is null)
        {
            Instruments.ConnectionsRefused.WithLabels("tls").Inc();
            LogNoHandshake(origin.Name);
            return;
        }
        var plain = connection.Transport;
        connection.Transport = tls;
        // The web server tells https from http by it.
        connection.Features.Set<ITlsConnectionFeature>(tls);
        var isRead = true;
        try
        {
            isRead = await ServePlainAsync(connection, origin, await FirstByteAsync(tls.Input, connection.ConnectionClosed), http);
        }
        finally
        {
            connection.Transport = plain;
            await EndAsync(connection, tls, isRead);
        }
    }

    // False when the other end did not take what it was sent.
    private async Task<bool> ServePlainAsync(ConnectionContext connection, Origin origin, byte? first, ConnectionDelegate http)
    {
        if (first == StratumStart) return await sessions.ServeAsync(connection.Transport, origin, connection.ConnectionClosed);
        if (first is not null) await http(connection);
        return true;
    }

    // TLS ends with words of its own, behind all that has not gone out yet. Who does not read them keeps its connection, and its host's place, no longer
    // than this.
    private async Task EndAsync(ConnectionContext connection, TlsConnection tls, bool isRead)
    {
        if (!isRead) connection.Abort(new ConnectionAbortedException("the other end does not read"));
        var ending = tls.DisposeAsync().AsTask();
        await ending.WaitAsync(StratumSession.Farewell, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ending.IsCompleted) connection.Abort(new ConnectionAbortedException("the other end does not read"));
        await ending;
    }

    // False when the other end is gone already.
    private bool TryLimitSilence(Socket socket)
    {
        try
        {
            LostEnd.GiveUpAfter(socket, settings.Silence);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private bool IsProxy(EndPoint? remote)
    {
        if (settings.Proxies.Count == 0 || remote is not IPEndPoint { Address: var address }) return false;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return settings.Proxies.Any(proxy => proxy.Contains(plain));
    }

    private async Task<bool> TakeProxyHeaderAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var timeout = new CancellationTokenSource(settings.FirstByte, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(either.Token);
                var buffer = read.Buffer;
                var outcome = ProxyHeader.Take(ref buffer, out var source);
                if (outcome == ProxyOutcome.Incomplete) input.AdvanceTo(buffer.Start, buffer.End);
                else input.AdvanceTo(buffer.Start);
                if (outcome == ProxyOutcome.Header)
                {
                    if (source is not null) connection.RemoteEndPoint = source;
                    return true;
                }
                if (outcome == ProxyOutcome.Wrong || read.IsCompleted) return false;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    // Null when none comes. The byte stays in the pipe for whoever serves the connection.
    private async Task<byte?> FirstByteAsync(PipeReader input, CancellationToken closed)
    {
        using var timeout = new CancellationTokenSource(settings.FirstByte, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closed);
        try
        {
            var read = await input.ReadAsync(either.Token);
            byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
            input.AdvanceTo(read.Buffer.Start);
            return first;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Remote} tried TLS, which is switched off (stratum:tls)")]
    private partial void LogTls(string remote);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Remote} tried TLS, but the handshake failed")]
    private partial void LogNoHandshake(string remote);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Remote} is one of stratum:proxies, but does not begin with a PROXY header")]
    private partial void LogNoHeader(string remote);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Remote} is turned away: its host has as many connections as one may have (stratum:maximumConnectionsPerHost)")]
    private partial void LogTooMany(string remote);
}
