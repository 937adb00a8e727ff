using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// What a stranger sent to running nodes of the network, byte by byte, sent to ours: it ends the connection where they did, bans where they
/// did and for as long, and stays where they did. Where ours differs on purpose the test says so.
/// </summary>
public sealed class RecordedReactionsTests
{
    private const string File = "live-3501/wire_malformed.jsonl";
    private const string Host = "203.0.113.5";

    // Each has a test of its own below; of split_bytes the bytes were not recorded, and BytesOneByOne_AreUnderstood sends others so.
    private static readonly HashSet<string> MoreThanBytes =
    [
        "three_per_16", "self_nonce", "duplicate_nonce", "split_bytes", "no_version", "idle", "ban_escalation",
        "sharereq_not_answered", "sharereq_toolong_answer", "bestblock_bad_pow", "bestblock_easy", "version_short",
    ];

    public static TheoryData<string> Scenarios =>
        [.. Vectors.JsonLines(File).Select(line => line.RootElement.GetProperty("scenario").GetString()!).Where(name => !MoreThanBytes.Contains(name))];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Stranger_IsTreatedAsByTheNodesOfTheNetwork(string scenario)
    {
        var record = Record(scenario);
        await using var node = new TestNode(network: NetworkOf(record));
        var outcome = await PlayAsync(node, record);
        Assert.Equal(Expected(record), outcome);
        CheckBan(node, record);
    }

    [Fact]
    public async Task SelfNonce_OurOwnNonceFromAStranger_IsABan()
    {
        var record = Record("self_nonce");
        await using var node = new TestNode(network: NetworkOf(record));
        var peer = node.Connect();
        // The recorded one repeated that node's nonce; ours is another.
        await peer.SendAsync(VersionOf(record) with { Nonce = (await peer.ReceiveAsync<VersionMessage>()).Nonce });
        await peer.EndAsync();
        await peer.Served;
        CheckBan(node, record);
        Assert.Null(await node.Connect().ReceiveAsync());
    }

    [Fact]
    public async Task DuplicateNonce_TheSecondGoes_WithoutABan()
    {
        var record = Record("duplicate_nonce");
        await using var node = new TestNode(network: NetworkOf(record));
        var sent = Sent(record);
        Assert.Equal(2, sent.Count);
        var first = node.Connect();
        await first.SendAsync(sent[0]);
        await first.SettleAsync();
        var second = node.Connect();
        await second.SendAsync(sent[1]);
        await second.EndAsync();
        Assert.StartsWith("reset", record.GetProperty("second_connection").GetString(), StringComparison.Ordinal);
        await first.SettleAsync();
        CheckBan(node, record);
    }

    [Fact]
    public async Task NoVersion_IsWaitedForAsLongAsThere()
    {
        var record = Record("no_version");
        await using var node = new TestNode(network: NetworkOf(record));
        var peer = node.Connect();
        await peer.ReceiveAsync<VersionMessage>();
        var closed = record.GetProperty("seconds_until_closed").GetDouble();
        node.Pass(TimeSpan.FromSeconds(closed - 0.1));
        Assert.Single(node.Hub.Sessions);
        node.Pass(TimeSpan.FromSeconds(0.2));
        await peer.EndAsync();
        CheckBan(node, record);
    }

    /// <summary>They give up after 100 s; ours waits longer, since their own pings come at random, and often later than that.</summary>
    [Fact]
    public async Task Idle_EndsWithoutABan_ButLaterThanThere()
    {
        var record = Record("idle");
        await using var node = new TestNode(network: NetworkOf(record));
        var peer = node.Connect();
        await peer.SendAsync(Sent(record)[0]);
        await peer.SettleAsync();
        node.Pass(TimeSpan.FromSeconds(record.GetProperty("seconds_until_closed").GetDouble() + 1));
        await peer.ReceiveAsync<PingMessage>();
        Assert.Single(node.Hub.Peers);
        node.Pass(node.Settings.Idle);
        await peer.EndAsync();
        CheckBan(node, record);
    }

    [Fact]
    public async Task RequestNotAnswered_IsAShortBan_AfterTheSameTime()
    {
        var record = Record("sharereq_not_answered");
        await using var node = new TestNode(network: NetworkOf(record));
        await node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        var peer = node.Connect();
        await peer.SendAsync(Sent(record)[0]);
        await peer.SendAsync(new PingMessage());
        Assert.Equal((VersionOf(record).BestShare, 0UL), await peer.ReceiveAsync<ShareReqMessage>() is var request ? (Assert.Single(request.Hashes), request.Parents) : default);
        Assert.Equal(Math.Floor(record.GetProperty("seconds_until_closed").GetDouble()), node.Settings.Answer.TotalSeconds);
        await node.Time.Pass(node.Settings.Answer);
        await peer.EndAsync();
        await peer.Served;
        CheckBan(node, record);
    }

    [Fact]
    public async Task OneShareThatWouldBeTooLong_IsAShortBan()
    {
        var record = Record("sharereq_toolong_answer");
        await using var node = new TestNode(network: NetworkOf(record));
        await node.Fetcher.StartAsync(TestContext.Current.CancellationToken);
        var peer = node.Connect();
        await peer.SendAsync(Sent(record)[0]);
        await peer.SendAsync(new PingMessage());
        var request = await peer.ReceiveAsync<ShareReqMessage>();
        await peer.SendAsync((ShareReplyMessage)Parse(record, Sent(record)[1]) with { Id = request.Id });
        await peer.EndAsync();
        await peer.Served;
        CheckBan(node, record);
    }

    [Fact]
    public void Bans_LastAsLongAsThere_AndGrowAsThere()
    {
        var seconds = Record("ban_escalation").GetProperty("ban_seconds").EnumerateArray().Select(each => each.GetDouble()).ToList();
        Assert.Equal(seconds, [.. Enumerable.Range(1, seconds.Count).Select(bans => PeerFaults.Duration(KnownNetworks.Vertcoin.RequestBan!.Value, bans, KnownNetworks.Vertcoin).TotalSeconds)]);
    }

    [Theory]
    [InlineData("bestblock_bad_pow", byte.MaxValue)]
    [InlineData("bestblock_easy", 0)]
    public async Task BestBlock_IsJudgedByItsOwnTarget(string scenario, byte work)
    {
        var record = Record(scenario);
        await using var node = new TestNode(network: NetworkOf(record), proofOfWork: new FixedProof(work));
        Assert.Equal(Expected(record), await PlayAsync(node, record));
        CheckBan(node, record);
    }

    [Fact]
    public async Task FourthOfANeighbourhood_IsNotLetIn_AndNotBanned()
    {
        var record = Record("three_per_16");
        await using var node = new TestNode(network: NetworkOf(record));
        for (var i = 1; i <= 3; i++) await node.MeetAsync($"11.121.0.{i}");
        Assert.Equal("refused closed", record.GetProperty("connections").EnumerateArray().Last().GetString());
        Assert.Null(await node.Connect("11.121.0.4").ReceiveAsync());
        CheckBan(node, record);
    }

    /// <summary>The reference reads a version that is cut in its last field. Nobody sends one, and ours ends the connection, without a ban.</summary>
    [Fact]
    public async Task VersionCutShort_EndsTheConnection_UnlikeThere()
    {
        var record = Record("version_short");
        await using var node = new TestNode(network: NetworkOf(record));
        Assert.Equal("disconnected", await PlayAsync(node, record));
        CheckBan(node, record);
    }

    private static JsonElement Record(string scenario) =>
        Vectors.JsonLines(File).Select(line => line.RootElement).Single(record => record.GetProperty("scenario").GetString() == scenario);

    private static string Expected(JsonElement record)
    {
        var banned = record.GetProperty("banned").GetBoolean();
        return banned ? "banned" : record.GetProperty("outcome").GetString()!.StartsWith("still", StringComparison.Ordinal) ? "connected" : "disconnected";
    }

    // Banned where the recorded nodes banned, on the same base.
    private static void CheckBan(TestNode node, JsonElement record)
    {
        var theirs = record.GetProperty("ban_seconds").EnumerateArray().Select(seconds => seconds.GetDouble()).Take(1);
        Assert.Equal(theirs, node.Link.Offences.Select(offence => offence.Fault.Ban(node.Network)!.Value.TotalSeconds));
        Assert.All(node.Link.Offences, offence => Assert.Equal(Host, offence.Host));
    }

    private static async Task<string> PlayAsync(TestNode node, JsonElement record)
    {
        var peer = node.Connect();
        await peer.ReceiveAsync<VersionMessage>();
        foreach (var bytes in Sent(record))
        {
            if (peer.Served.IsCompleted) break;
            await peer.SendAsync(bytes);
        }
        // Who stays is answered.
        var question = new ShareReqMessage(Hash256.FromNumber(0x7e57ul), [Hash256.FromNumber(1ul)], 0, []);
        await peer.SendAsync(question);
        var isAnswered = false;
        while (!isAnswered && await peer.ReceiveAsync() is { } message) isAnswered = message is ShareReplyMessage reply && reply.Id == question.Id;
        await node.JudgeAsync();
        if (node.Hub.Find(peer.Endpoint) is not null) return "connected";
        await peer.Served;
        return node.Link.Offences.Count > 0 ? "banned" : "disconnected";
    }

    private static List<byte[]> Sent(JsonElement record) =>
    [
        .. record.GetProperty("log").EnumerateArray()
            .Where(line => line.TryGetProperty("dir", out var direction) && direction.GetString() == "client->node" && line.TryGetProperty("hex", out _))
            .Select(line => Convert.FromHexString(line.GetProperty("hex").GetString()!)),
    ];

    private static VersionMessage VersionOf(JsonElement record) => (VersionMessage)Parse(record, Sent(record)[0]);

    private static PeerMessage Parse(JsonElement record, byte[] frame)
    {
        Assert.Equal(FrameFinding.Message, new PeerFrameReader(NetworkOf(record)).Read(frame, out _, out var command, out var payload, out _));
        return PeerMessage.Parse(command, payload);
    }

    // The mini networks differ from each other in the prefix.
    private static NetworkParameters NetworkOf(JsonElement record) => KnownNetworks.Vertcoin with { Prefix = PrefixOf(record) };

    private static ImmutableArray<byte> PrefixOf(JsonElement record) =>
        [0x1c, 0x0c, 0x1c, 0x71, 0xcc, 0x19, 0x7b, record.GetProperty("node").GetString()![0] == 'm' ? (byte)0xc2 : (byte)0xc3];

    /// <summary>The same proof of work for every header.</summary>
    private sealed class FixedProof(byte value) : IVerthash
    {
        public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => hash[..Hash256.Size].Fill(value);

        public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes) => hashes.Fill(value);
    }
}
