using System.Text.Json;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// Shares made by hand, with real proof of work, that a stranger sent to running nodes, sent to ours on the same chain: it takes those they took,
/// and ends the connection or bans where they did.
/// </summary>
public sealed class RecordedSharesTests
{
    private const string File = "live-3501/wire_shares.jsonl";

    // Here the stranger was asked for a parent and said nothing, or told it: see the tests of these names below.
    private static readonly HashSet<string> Conversations = ["unknown_parent", "answer_parent_request"];

    // The recorded share is the best one of that moment, made by a node and not by the stranger.
    private static readonly HashSet<string> OfNodes = ["duplicate_share", "mixed_types"];

    public static TheoryData<string> Scenarios =>
        [.. Vectors.JsonLines(File).Select(line => line.RootElement.GetProperty("scenario").GetString()!).Where(name => !Conversations.Contains(name)).Distinct()];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task ShareOfAStranger_IsTreatedAsByTheNodesOfTheNetwork(string scenario)
    {
        foreach (var line in Vectors.JsonLines(File).Where(line => line.RootElement.GetProperty("scenario").GetString() == scenario))
        {
            using (line) await PlayAsync(line.RootElement);
        }
    }

    [Fact]
    public async Task UnknownParent_ShareIsKept_AndWhoDoesNotTellItsParentIsBannedForAShortTime()
    {
        var record = Record("unknown_parent");
        var network = RecordedNetwork.Of(record.GetProperty("node").GetString()!);
        await using var node = new TestNode(network: network.Parameters, proofOfWork: new GoodProof());
        var frames = Sent(record);
        var child = Look(network, Assert.Single(((SharesMessage)Parse(network, frames[1])).Shares));
        node.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(child.Share.Info.Timestamp));
        await node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        var peer = node.Connect();
        foreach (var frame in frames) await peer.SendAsync(frame);
        Assert.Equal(child.PreviousShare, Assert.Single((await peer.ReceiveAsync<ShareReqMessage>()).Hashes));
        Assert.Equal((true, false), (node.Link.Holds(child.Hash), node.Link.IsVerified(child.Hash)));
        await node.Time.Pass(node.Settings.Answer);
        await peer.EndAsync();
        await peer.Served;
        Assert.Equal(record.GetProperty("ban_seconds")[0].GetDouble(), Assert.Single(node.Link.Offences).Fault.Ban(node.Network)!.Value.TotalSeconds);
    }

    [Fact]
    public async Task UnknownParent_ToldOnRequest_MakesTheChildGood()
    {
        var record = Record("answer_parent_request");
        var network = RecordedNetwork.Of(record.GetProperty("node").GetString()!);
        await using var node = new TestNode(network: network.Parameters, proofOfWork: new GoodProof());
        var frames = Sent(record);
        var child = Look(network, Assert.Single(((SharesMessage)Parse(network, frames[1])).Shares));
        var reply = (ShareReplyMessage)Parse(network, frames[2]);
        var parent = Look(network, Assert.Single(reply.Shares));
        Assert.Equal(parent.Hash, child.PreviousShare);
        node.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(child.Share.Info.Timestamp));
        await KnowAsync(node, network.Ancestry(parent.PreviousShare));
        await node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        var peer = node.Connect();
        await peer.SendAsync(frames[0]);
        await peer.SendAsync(frames[1]);
        var request = await peer.ReceiveAsync<ShareReqMessage>();
        Assert.Equal(parent.Hash, Assert.Single(request.Hashes));
        await peer.SendAsync(reply with { Id = request.Id });
        for (var begun = System.Diagnostics.Stopwatch.StartNew(); !node.Link.IsVerified(child.Hash);)
        {
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "the child is not taken");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        Assert.Equal(child.Hash, node.Link.Best);
        await peer.SettleAsync();
        Assert.Empty(node.Link.Offences);
    }

    private static JsonElement Record(string scenario) =>
        Vectors.JsonLines(File).Select(line => line.RootElement).Single(record => record.GetProperty("scenario").GetString() == scenario);

    private static List<byte[]> Sent(JsonElement record) =>
    [
        .. record.GetProperty("log").EnumerateArray()
            .Where(line => line.TryGetProperty("dir", out var direction) && direction.GetString() == "client->node" && line.TryGetProperty("hex", out _))
            .Select(line => Convert.FromHexString(line.GetProperty("hex").GetString()!)),
    ];

    private static CheckedShare Look(RecordedNetwork network, WrappedShare share) => new ShareCheck(network.Parameters).Check(share, UInt256.Zero).Share!;

    private static async Task KnowAsync(TestNode node, IReadOnlyCollection<RecordedShare> known)
    {
        foreach (var batch in known.Chunk(ShareBatch.MaxShares))
            await node.Link.AddAsync([.. batch.Select(share => new OfferedShare(share.Share.WireBytes, share.ProofOfWork, share.SeenAt, false, false))]);
        Assert.Equal(known.Count, node.Link.Count);
    }

    private static async Task PlayAsync(JsonElement record)
    {
        var network = RecordedNetwork.Of(record.GetProperty("node").GetString()!);
        await using var node = new TestNode(network: network.Parameters, proofOfWork: network);
        var sent = Sent(record);
        var shares = sent.Select(frame => Parse(network, frame)).OfType<SharesMessage>().SelectMany(message => message.Shares).ToList();
        var check = new ShareCheck(network.Parameters);
        var parsed = shares.Select(share => check.Check(share, UInt256.Zero).Share).OfType<CheckedShare>().ToList();

        // The chain below what was sent, and the moment at which it was.
        var known = network.Ancestry(parsed.Count > 0 ? parsed[0].PreviousShare : network.Best);
        var seen = parsed.Select(share => network.Shares.GetValueOrDefault(share.Hash)?.SeenAt).OfType<DateTimeOffset>().ToList();
        node.Time.SetUtcNow(seen.Count > 0 ? seen.Min() : known[^1].SeenAt);
        await KnowAsync(node, known);

        var peer = node.Connect();
        foreach (var frame in sent)
        {
            if (peer.Served.IsCompleted) break;
            await peer.SendAsync(frame);
        }
        await peer.SendAsync(new ShareReqMessage(Hash256.FromNumber(0x7e57UL), [Hash256.FromNumber(1UL)], 0, []));
        var stays = false;
        while (await peer.ReceiveAsync() is { } message)
        {
            if (message is not ShareReplyMessage) continue;
            stays = true;
            // Shares are looked at beside: what is wrong only in the chain is found a little later.
            if (parsed.Count == 0 || await EndsOrHoldsAsync(node, peer, parsed[^1].Hash)) break;
        }
        if (peer.Served.IsCompleted || !stays) await peer.Served;

        var banned = record.GetProperty("banned").GetBoolean();
        var connected = record.GetProperty("outcome").GetString()!.StartsWith("still", StringComparison.Ordinal);
        Assert.Equal(banned, node.Link.Offences.Count > 0);
        Assert.Equal(connected, !peer.Served.IsCompleted);
        if (parsed.Count == 0 || OfNodes.Contains(record.GetProperty("scenario").GetString()!)) return;
        Assert.Equal(record.GetProperty("after").GetProperty("in_tracker").GetBoolean(), node.Link.Holds(parsed[^1].Hash));
        Assert.Equal(record.GetProperty("after").GetProperty("verified").GetBoolean(), node.Link.IsVerified(parsed[^1].Hash));
    }

    // True when the share is in the chain; false when the connection ends instead.
    private static async Task<bool> EndsOrHoldsAsync(TestNode node, LegacyPeer peer, Hash256 share)
    {
        for (var begun = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            if (node.Link.Holds(share)) return true;
            if (!node.Hub.Sessions.Any()) return false;
            Assert.True(begun.Elapsed < TimeSpan.FromSeconds(30), "nothing becomes of the share");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static PeerMessage Parse(RecordedNetwork network, byte[] frame)
    {
        Assert.Equal(FrameFinding.Message, new PeerFrameReader(network.Parameters).Read(frame, out _, out var command, out var payload, out _));
        return PeerMessage.Parse(command, payload);
    }

    /// <summary>Every header has work: these shares were not mined by nodes, and their proofs are not recorded.</summary>
    private sealed class GoodProof : IVerthash
    {
        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => hash[..Hash256.Size].Clear();

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => hashes.Clear();
    }
}
