using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>A connection in memory as the web server would hand it over. To abort it frees whoever waits for the other end to read, as with a socket.</summary>
internal sealed class MemoryConnection : ConnectionContext
{
    private readonly CancellationTokenSource _closed = new();
    private readonly DuplexPipe _client;

    /// <param name="address">Where it comes from.</param>
    public MemoryConnection(string address)
    {
        (var server, _client) = DuplexPipe.Create();
        Transport = server;
        RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1);
        ConnectionClosed = _closed.Token;
    }

    /// <summary>The other end.</summary>
    public IDuplexPipe Client => _client;

    /// <summary>Whether it was aborted.</summary>
    public bool IsAborted { get; private set; }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get; set; } = "test";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        IsAborted = true;
        _client.Input.Complete(abortReason);
        _client.Output.Complete(abortReason);
        _closed.Cancel();
    }

    public override ValueTask DisposeAsync()
    {
        _closed.Dispose();
        return base.DisposeAsync();
    }
}
