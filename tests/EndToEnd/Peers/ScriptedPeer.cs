using System.Net;
using System.Net.Sockets;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.EndToEnd.Peers;

/// <summary>One end of a connection between nodes, over a socket, that says what it is told to.</summary>
internal sealed class ScriptedPeer(NetworkParameters network, TcpClient client) : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private readonly PeerFrameReader _reader = new(network);
    private readonly NetworkStream _stream = client.GetStream();
    private byte[] _bytes = new byte[ReadBytes];
    private int _start;
    private int _end;

    /// <summary>Goes to a node of this machine and introduces itself.</summary>
    public static async Task<ScriptedPeer> ConnectAsync(NetworkParameters network, int port, Hash256 best, CancellationToken cancellation)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
        var peer = new ScriptedPeer(network, client);
        await peer.IntroduceAsync(best, cancellation);
        return peer;
    }

    public Task IntroduceAsync(Hash256 best, CancellationToken cancellation) => SendAsync(
        new VersionMessage(
            network.ProtocolVersion, 0, new PeerAddress(0, IPAddress.Loopback, 1), new PeerAddress(0, IPAddress.Loopback, 2),
            (ulong)Random.Shared.NextInt64(), "scripted", 1, best),
        cancellation);

    public Task SendAsync(PeerMessage message, CancellationToken cancellation) => SendAsync(PeerFrame.Write(network, message), cancellation);

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => await _stream.WriteAsync(bytes, cancellation);

    /// <summary>The next message; null at the end of the connection.</summary>
    public async Task<PeerMessage?> ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var finding = _reader.Read(_bytes.AsSpan(_start, _end - _start), out var consumed, out var command, out var payload, out _);
            var message = finding == FrameFinding.Message ? PeerMessage.Parse(command, payload) : null;
            _start += consumed;
            if (message is not null) return message;
            if (finding != FrameFinding.NeedMore) continue;
            MakeRoom();
            var count = await _stream.ReadAsync(_bytes.AsMemory(_end), cancellation);
            if (count == 0) return null;
            _end += count;
        }
    }

    public void Dispose() => client.Dispose();

    private void MakeRoom()
    {
        var rest = _bytes.AsSpan(_start, _end - _start);
        if (_bytes.Length - rest.Length < ReadBytes / 2)
        {
            var larger = new byte[2 * _bytes.Length];
            rest.CopyTo(larger);
            _bytes = larger;
        }
        else rest.CopyTo(_bytes);
        (_start, _end) = (0, rest.Length);
    }
}
