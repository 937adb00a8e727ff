using System.Buffers;
using System.Net;
using Grainpool.Gateway.Tests.Doubles;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>The other end of a connection: says what a test tells it to, in the protocol's own bytes or in any others.</summary>
internal sealed class LegacyPeer(DuplexPipe pipe, NetworkParameters network, PeerEndpoint endpoint, Task served) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly PeerFrameReader _reader = new(network);
    private readonly SemaphoreSlim _sending = new(1);
    private byte[] _bytes = [];
    private bool _completed;

    public PeerEndpoint Endpoint => endpoint;

    /// <summary>Completes when the node has done with this connection.</summary>
    public Task Served => served;

    public static VersionMessage Version(ulong nonce, Hash256 best = default, uint version = 3501) => new(
        version, 0, new PeerAddress(0, IPAddress.Parse("10.0.0.1"), 9346), new PeerAddress(0, IPAddress.Loopback, 1), nonce, "legacy", 1, best);

    public Task SendAsync(PeerMessage message) => SendAsync(PeerFrame.Write(network, message));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // A test may answer and say something of its own at one time.
        await _sending.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            pipe.Output.Write(bytes.Span);
            await pipe.Output.FlushAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Introduces itself, pings as all do, and waits for what the node says: its version and a ping.</summary>
    public async Task<VersionMessage> IntroduceAsync(ulong nonce, Hash256 best = default, string software = "legacy")
    {
        await SendAsync(Version(nonce, best) with { SubVersion = software });
        await SendAsync(new PingMessage());
        var version = await ReceiveAsync<VersionMessage>();
        await ReceiveAsync<PingMessage>();
        return version;
    }

    /// <summary>The next message of a kind; others before it are passed over.</summary>
    public async Task<T> ReceiveAsync<T>() where T : PeerMessage
    {
        while (true)
        {
            var message = await ReceiveAsync();
            if (message is T wanted) return wanted;
            Assert.NotNull(message);
        }
    }

    /// <summary>The next message; null at the end of the connection.</summary>
    public async Task<PeerMessage?> ReceiveAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            var finding = _reader.Read(_bytes, out var consumed, out var command, out var payload, out _);
            var message = finding == FrameFinding.Message ? PeerMessage.Parse(command, payload) : null;
            _bytes = _bytes[consumed..];
            if (message is not null) return message;
            if (finding == FrameFinding.NeedMore)
            {
                var read = await pipe.Input.ReadAsync(patience.Token);
                _bytes = [.. _bytes, .. read.Buffer.ToArray()];
                pipe.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted && read.Buffer.IsEmpty) return null;
            }
        }
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task EndAsync()
    {
        while (await ReceiveAsync() is not null)
        {
            // Whatever is still on its way.
        }
    }

    /// <summary>Sends something harmless and waits for its answer: what was sent before has been handled then.</summary>
    public async Task SettleAsync()
    {
        var id = Hash256.FromNumber((ulong)Random.Shared.NextInt64());
        await SendAsync(new ShareReqMessage(id, [Hash256.FromNumber(1ul)], 0, []));
        while ((await ReceiveAsync<ShareReplyMessage>()).Id != id)
        {
            // The answer to something earlier.
        }
    }

    /// <summary>Says that it has no more to say; it goes on listening.</summary>
    public ValueTask FinishAsync() => pipe.Output.CompleteAsync();

    public async ValueTask DisposeAsync()
    {
        if (_completed) return;
        _completed = true;
        await pipe.Output.CompleteAsync();
        await pipe.Input.CompleteAsync();
        await served;
        _sending.Dispose();
    }
}
