using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// Our node in the place of one that was recorded. Everything that others said to that one is said to ours, at the same times and byte by byte. Only
/// answers to requests for shares cannot be: which share a node asks for, and how many, is its own affair. They are made of what the recorded
/// nodes answered.
/// </summary>
/// <remarks>
/// All ran on one machine, which is never banned. But on a network with a chain this short a part of it cannot be judged and is refused, and the connection
/// with its sender ends; the recorded nodes came back then, and so do these.
/// </remarks>
internal sealed class RecordedSession : IAsyncDisposable, IVerthash
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly HashSet<string> OfTransactions = ["have_tx", "losing_tx", "remember_tx", "forget_tx"];

    private readonly List<JsonElement> _lines;
    private readonly RecordedNetwork _network;
    private readonly Dictionary<string, LegacyPeer> _peers = [];
    private readonly Dictionary<string, JsonElement> _introductions = [];
    private readonly List<Task> _pumps = [];
    private readonly ConcurrentDictionary<(string, Hash256), ShareReplyMessage> _answers = new();
    private readonly ConcurrentDictionary<Hash256, WrappedShare> _served = new();
    private readonly HashSet<Hash256> _foreign = [];
    private readonly HashSet<string> _blocks = [];
    private readonly ShareCheck _check;
    private bool _toldOfTransactions;

    public RecordedSession(string file, string node)
    {
        _network = RecordedNetwork.Of(node);
        _check = new ShareCheck(_network.Parameters);
        Node = new TestNode(network: _network.Parameters, proofOfWork: this);
        _lines = [.. Vectors.JsonLines(file).Select(line => line.RootElement)];
        foreach (var line in _lines.Where(line => Direction(line) == "in" && line.TryGetProperty("hex", out _)))
        {
            var message = Parse(line);
            if (message is BestBlockMessage best) _blocks.Add(Convert.ToHexStringLower(best.Header.ToBytes()));
            var shares = SharesOf(message);
            foreach (var share in shares) _foreign.Add(HashOf(share));
            // What was served on request was there before; what was pushed is there when its time comes.
            if (Command(line) == "sharereply") Serve(shares);
        }
    }

    public TestNode Node { get; }

    /// <summary>Requests that our node sent, and that were answered.</summary>
    public int Asked { get; private set; }

    /// <summary>Requests of the recorded nodes that ours answered with the recorded bytes.</summary>
    public int SameAnswers { get; private set; }

    /// <summary>Of them, those with shares.</summary>
    public int SameAnswersWithShares { get; private set; }

    /// <summary>Those where the recorded node held fewer ancestors any more, and ours answered all that it did and older ones.</summary>
    public int LongerAnswers { get; private set; }

    public async Task PlayAsync()
    {
        await Node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        foreach (var line in _lines)
        {
            if (line.TryGetProperty("t", out var t)) await PassToAsync(DateTimeOffset.UnixEpoch.AddSeconds(t.GetDouble()));
            var connection = line.GetProperty("conn").ToString();
            switch (Direction(line), Command(line))
            {
                case ("in", "sharereply"):
                    break;
                case ("in", "sharereq"):
                    await AskAsync(connection, line);
                    break;
                case ("in", "shares"):
                    var pushed = SharesOf(Parse(line));
                    Serve(pushed);
                    await SayUntilAsync(connection, line, () => pushed.All(share => Node.Link.Holds(HashOf(share))));
                    break;
                // Transactions that the recorded node had told of may be named by their hash; ours never tells of any.
                case ("in", { } command) when OfTransactions.Contains(command) && _toldOfTransactions:
                    break;
                case ("in", _):
                    await SayAsync(connection, line);
                    break;
                case ("out", "have_tx"):
                    _toldOfTransactions = true;
                    break;
                case ("out", "shares"):
                    await MakeAsync(SharesOf(Parse(line)));
                    break;
                case (_, "(connection lost)") when _peers.Remove(connection, out var lost):
                    _introductions.Remove(connection);
                    await lost.DisposeAsync();
                    break;
            }
        }
        await UntilAsync(() => Node.Link.Best == _network.Best);
    }

    /// <summary>As recorded of shares; the blocks that nodes told of were blocks.</summary>
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash)
    {
        if (_blocks.Contains(Convert.ToHexStringLower(header))) hash[..Hash256.Size].Clear();
        else _network.Hash(header, hash);
    }

    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        for (var i = 0; i * VerthashHasher.HeaderLength < headers.Length; i++)
            Hash(headers.Slice(i * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength), hashes.Slice(i * Hash256.Size, Hash256.Size));
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Task.WhenAll(_pumps).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Lets some time pass until it is so.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        var begun = Stopwatch.StartNew();
        for (var looks = 0; !condition(); looks++)
        {
            Assert.True(begun.Elapsed < Patience, $"it does not come about; {Node.Link.Count} shares, best {Node.Link.Best}, {string.Join(' ', Node.Link.Offences)}");
            if (looks < 20) await Task.Yield();
            else await Task.Delay(1, TestContext.Current.CancellationToken);
            Node.Time.Advance(TimeSpan.FromMilliseconds(2));
        }
    }

    private async Task SayAsync(string connection, JsonElement line)
    {
        if (Command(line) == "version") _introductions[connection] = line;
        if (!_introductions.TryGetValue(connection, out var introduction)) return;
        if (!_peers.TryGetValue(connection, out var peer) || peer.Served.IsCompleted)
        {
            if (peer is not null) await peer.DisposeAsync();
            peer = _peers[connection] = Node.Connect("127.0.0.1");
            _pumps.Add(PumpAsync(connection, peer));
            if (Command(line) != "version") await peer.SendAsync(Bytes(introduction));
        }
        await peer.SendAsync(Bytes(line));
    }

    // Again when the connection ended before it led to anything.
    private async Task SayUntilAsync(string connection, JsonElement line, Func<bool> condition)
    {
        do
        {
            await SayAsync(connection, line);
            if (!_peers.TryGetValue(connection, out var peer)) return;
            await UntilAsync(() => condition() || peer.Served.IsCompleted);
        }
        while (!condition());
    }

    private async Task AskAsync(string connection, JsonElement line)
    {
        var request = (ShareReqMessage)Parse(line);
        var theirs = _lines.Where(other => Direction(other) == "out" && Command(other) == "sharereply" && other.GetProperty("conn").ToString() == connection)
            .Select(other => (ShareReplyMessage)Parse(other)).FirstOrDefault(reply => reply.Id == request.Id);
        if (theirs is null) return;
        // Shares the recorded node had found itself, and told nobody of while it was cut off.
        await MakeAsync(theirs.Shares);
        await SayUntilAsync(connection, line, () => _answers.ContainsKey((connection, request.Id)));
        var ours = _answers[(connection, request.Id)];
        if (ours.ToPayload().AsSpan().SequenceEqual(theirs.ToPayload()))
        {
            SameAnswers++;
            if (!theirs.Shares.IsEmpty) SameAnswersWithShares++;
            return;
        }
        Assert.Equal(theirs.Result, ours.Result);
        Assert.Equal(theirs.Shares.Select(HashOf), ours.Shares.Take(theirs.Shares.Length).Select(HashOf));
        LongerAnswers++;
    }

    // Reads what our node says, and serves it what the recorded nodes served.
    private async Task PumpAsync(string connection, LegacyPeer peer)
    {
        while (await peer.ReceiveAsync() is { } message)
        {
            if (message is ShareReplyMessage reply) _answers[(connection, reply.Id)] = reply;
            if (message is not ShareReqMessage request) continue;
            var stops = request.Stops.ToHashSet();
            var line = new List<WrappedShare>();
            for (var hash = request.Hashes[0]; line.Count <= (int)request.Parents && !stops.Contains(hash) && _served.TryGetValue(hash, out var share); hash = ParentOf(share))
                line.Add(share);
            Asked++;
            await peer.SendAsync(new ShareReplyMessage(request.Id, ShareReplyResult.Good, [.. line]));
        }
    }

    // Those it was never sent are its own.
    private async Task MakeAsync(IEnumerable<WrappedShare> shares)
    {
        foreach (var own in shares.Where(share => !_foreign.Contains(HashOf(share))).Reverse())
        {
            var recorded = _network.Shares[HashOf(own)];
            await Node.Link.AddAsync([new OfferedShare(recorded.Share.WireBytes, recorded.ProofOfWork, Node.Time.GetUtcNow(), Own: true, Dead: false)]);
        }
    }

    private void Serve(IEnumerable<WrappedShare> shares)
    {
        foreach (var share in shares) _served[HashOf(share)] = share;
    }

    // The first moment at once; then by seconds, and not while our node waits for an answer.
    private async Task PassToAsync(DateTimeOffset at)
    {
        if (_peers.Count == 0 && at > Node.Time.GetUtcNow()) Node.Time.SetUtcNow(at);
        while (at - Node.Time.GetUtcNow() is { Ticks: > 0 } left)
        {
            await UntilAsync(() => !Node.Hub.Peers.Any(peer => peer.IsBusy));
            Node.Time.Advance(left < Second ? left : Second);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private Hash256 HashOf(WrappedShare share) => _check.Check(share, UInt256.Zero).Share!.Hash;

    private Hash256 ParentOf(WrappedShare share) => _check.Check(share, UInt256.Zero).Share!.PreviousShare;

    private PeerMessage Parse(JsonElement line)
    {
        var frame = Bytes(line);
        Assert.Equal(FrameFinding.Message, new PeerFrameReader(_network.Parameters).Read(frame, out _, out var command, out var payload, out _));
        return PeerMessage.Parse(command, payload);
    }

    private static byte[] Bytes(JsonElement line) => Convert.FromHexString(line.GetProperty("hex").GetString()!);

    private static IReadOnlyList<WrappedShare> SharesOf(PeerMessage message) =>
        message switch { SharesMessage pushed => pushed.Shares, ShareReplyMessage reply => reply.Shares, _ => [] };

    private static string? Direction(JsonElement line) => line.TryGetProperty("dir", out var direction) ? direction.GetString() : null;

    private static string? Command(JsonElement line) => line.TryGetProperty("command", out var command) ? command.GetString() : null;
}
