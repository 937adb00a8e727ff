using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Grainpool.Gateway.Stratum;

/// <summary>Looks at the first byte of a connection to the worker port: miners and browsers come to the same one.</summary>
internal sealed partial class WorkerPort(MinerSessions sessions, StratumSettings settings, TimeProvider time, ILogger<WorkerPort> log)
{
    private const byte StratumStart = (byte)'{';
    private const byte TlsStart = 0x16;
    private readonly ILogger _log = log;

    /// <summary>Who serves a connection: a session, or <paramref name="http"/>.</summary>
    public ConnectionDelegate Before(ConnectionDelegate http) => async connection =>
    {
        var remote = NameOf(connection.RemoteEndPoint);
        switch (await FirstByteAsync(connection.Transport.Input, connection.ConnectionClosed))
        {
            case StratumStart:
                await sessions.ServeAsync(connection.Transport, remote, connection.ConnectionClosed);
                break;
            case TlsStart:
                LogTls(remote);
                break;
            case null:
                break;
            default:
                await http(connection);
                break;
        }
    };

    // Null when none comes. The byte stays in the pipe for whoever serves the connection.
    private async Task<byte?> FirstByteAsync(PipeReader input, CancellationToken closed)
    {
        using var timeout = new CancellationTokenSource(settings.Login, time);
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

    // A socket that serves both kinds shows IPv4 addresses in IPv6 dress.
    private static string NameOf(EndPoint? remote) => remote is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port).ToString()
        : remote?.ToString() ?? "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Remote} tried TLS, which the worker port does not speak: use stratum+tcp:// or http://")]
    private partial void LogTls(string remote);
}
