using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// What a stranger sent to a running node of network 1800, sent to ours with that network's prefix and protocol: the conversation is the same on both networks,
/// and so is what follows from breaking it. Shares are left to the tests of that network's rules.
/// </summary>
public sealed class ClassicReactionsTests
{
    private const string File = "live-1800/misbehaviour.json";
    private const uint Protocol = 1800;

    // Of a message cut in the recording nothing can be sent; and time, or a second connection, is needed for what RecordedReactionsTests and PeerSessionTests show.
    private static readonly HashSet<string> Elsewhere =
    [
        "have_tx: 12000 hashes", "remember_tx: more than 2500000 bytes", "handshake: nothing sent",
        "handshake: second connection with the nonce of a connected peer", "handshake: nonce equal to the node's own",
    ];

    public static TheoryData<string> Experiments =>
        [.. All().Select(experiment => experiment.GetProperty("name").GetString()!).Where(name => !IsOfShares(name) && !Elsewhere.Contains(name))];

    [Theory]
    [MemberData(nameof(Experiments))]
    public async Task Stranger_IsTreatedAsByTheNodesOfThatNetwork(string name)
    {
        var experiment = All().Single(each => each.GetProperty("name").GetString() == name);
        // Of the two headers one meets its own target; which is what their names say, and what Verthash found.
        var work = name.EndsWith("without PoW", StringComparison.Ordinal) ? byte.MaxValue : byte.MinValue;
        await using var node = new TestNode(network: KnownNetworks.VertcoinClassic, proofOfWork: new SameProof(work));
        var peer = node.Connect();
        await peer.ReceiveAsync<VersionMessage>();
        // The introduction is in the recording only where it is the point.
        if (!name.StartsWith("handshake:", StringComparison.Ordinal) || name.Contains("second version", StringComparison.Ordinal))
            await peer.SendAsync(LegacyPeer.Version(7, version: Protocol));
        foreach (var sent in experiment.GetProperty("sent").EnumerateArray())
        {
            if (peer.Served.IsCompleted) break;
            await peer.SendAsync(Convert.FromHexString(sent.GetProperty("hex").GetString()!));
        }
        var question = new ShareReqMessage(Hash256.FromNumber(0x7e57UL), [Hash256.FromNumber(1UL)], 0, []);
        await peer.SendAsync(question);
        var isAnswered = false;
        while (!isAnswered && await peer.ReceiveAsync() is { } message) isAnswered = message is ShareReplyMessage reply && reply.Id == question.Id;
        await node.JudgeAsync();
        var stays = node.Hub.Find(peer.Endpoint) is not null;
        if (!stays) await peer.Served;

        var expected = experiment.GetProperty("after").GetProperty("connection").GetString()!.StartsWith("still open", StringComparison.Ordinal);
        Assert.Equal((expected, experiment.GetProperty("banned").GetBoolean()), (stays, node.Link.Offences.Count > 0));
    }

    private static bool IsOfShares(string name) => name.StartsWith("share:", StringComparison.Ordinal)
        || name.StartsWith("limits:", StringComparison.Ordinal) || name.StartsWith("idle:", StringComparison.Ordinal);

    private static IEnumerable<JsonElement> All() => Vectors.Json(File).RootElement.GetProperty("experiments").EnumerateArray();

    /// <summary>The same proof of work for every header.</summary>
    private sealed class SameProof(byte value) : IVerthash
    {
        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => hash[..Hash256.Size].Fill(value);

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => hashes.Fill(value);
    }
}
