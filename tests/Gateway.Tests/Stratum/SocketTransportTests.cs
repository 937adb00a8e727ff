using System.Net;
using System.Net.Sockets;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Tests.Doubles;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>Lines that go past the pipe straight to a socket: all of them, in order, long and short mixed, also to a miner that reads late.</summary>
public sealed class SocketTransportTests : IAsyncLifetime
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient _miner = new();
    private Socket? _server;

    public async ValueTask InitializeAsync()
    {
        _listener.Start();
        await _miner.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)_listener.LocalEndpoint).Port, TestContext.Current.CancellationToken);
        _server = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _miner.Dispose();
        _server?.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task LongAndShortLines_ArriveInOrder()
    {
        var outbox = new Outbox(TimeProvider.System);
        var expected = new List<byte>();
        var random = new Random(5);
        for (var i = 0; i < 250; i++)
        {
            var line = new byte[random.Next(4) == 0 ? random.Next(40_000) + 1 : random.Next(2500) + 1];
            random.NextBytes(line);
            expected.AddRange(line);
            Assert.True(outbox.TryAdd(line));
        }
        outbox.Close();
        var (pipes, _) = DuplexPipe.Create();
        var writing = outbox.WriteAsync(new SocketTransport(pipes, _server!), TestContext.Current.CancellationToken);
        var received = new byte[expected.Count];
        await _miner.GetStream().ReadExactlyAsync(received, TestContext.Current.CancellationToken);
        await writing;
        Assert.Equal(expected, received);
    }

    [Fact]
    public async Task MinerThatDoesNotRead_CountsAsStalled_AndTheSendEndsWhenToldTo()
    {
        var time = new ObservedTime();
        var outbox = new Outbox(time);
        using var stop = new CancellationTokenSource();
        // More than the buffers between the two hold while nobody reads.
        var line = new byte[1024 * 1024];
        for (var i = 0; i < 64; i++) Assert.True(outbox.TryAdd(line));
        var (pipes, _) = DuplexPipe.Create();
        var writing = outbox.WriteAsync(new SocketTransport(pipes, _server!), stop.Token);
        Assert.False(writing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.True(outbox.Stalled >= TimeSpan.FromSeconds(31));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }
}
