using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>
/// What a stranger sent to running nodes of the network, byte by byte, sent to ours: it ends the connection where they did, bans where they
/// did, and stays where they did.
/// </summary>
public sealed class RecordedReactionsTests
{
    // These need more than bytes sent: time, several connections, an answer to what the node asked, or real Verthash. What they show has tests
    // of its own. In version_short the reference takes a message cut short, which nobody sends and we refuse.
    private static readonly HashSet<string> MoreThanBytes =
    [
        "three_per_16", "self_nonce", "duplicate_nonce", "split_bytes", "no_version", "idle", "ban_escalation",
        "sharereq_not_answered", "sharereq_toolong_answer", "bestblock_bad_pow", "bestblock_easy", "version_short",
    ];

    public static TheoryData<string> Scenarios =>
        [.. Vectors.JsonLines("live-3501/wire_malformed.jsonl").Select(line => line.RootElement.GetProperty("scenario").GetString()!).Where(name => !MoreThanBytes.Contains(name))];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Stranger_IsTreatedAsByTheNodesOfTheNetwork(string scenario)
    {
        using var record = Vectors.JsonLines("live-3501/wire_malformed.jsonl").Single(line => line.RootElement.GetProperty("scenario").GetString() == scenario);
        Assert.Equal(Expected(record.RootElement), await PlayAsync(record.RootElement));
    }

    private static string Expected(JsonElement record)
    {
        var banned = record.GetProperty("banned").GetBoolean();
        return banned ? "banned" : record.GetProperty("outcome").GetString()!.StartsWith("still", StringComparison.Ordinal) ? "connected" : "disconnected";
    }

    private static async Task<string> PlayAsync(JsonElement record)
    {
        var sent = record.GetProperty("log").EnumerateArray()
            .Where(line => line.TryGetProperty("dir", out var direction) && direction.GetString() == "client->node" && line.TryGetProperty("hex", out _))
            .Select(line => Convert.FromHexString(line.GetProperty("hex").GetString()!))
            .ToList();
        // The mini networks differ from each other in the prefix.
        var network = KnownNetworks.Vertcoin with { Prefix = [0x1c, 0x0c, 0x1c, 0x71, 0xcc, 0x19, 0x7b, record.GetProperty("node").GetString()![0] == 'm' ? (byte)0xc2 : (byte)0xc3] };
        await using var node = new TestNode(network: network);
        var peer = node.Connect();
        await peer.ReceiveAsync<VersionMessage>();
        foreach (var bytes in sent)
        {
            if (peer.Served.IsCompleted) break;
            await peer.SendAsync(bytes);
        }
        // Who stays is answered.
        var question = new ShareReqMessage(Hash256.FromNumber(0x7e57ul), [Hash256.FromNumber(1ul)], 0, []);
        await peer.SendAsync(question);
        while (await peer.ReceiveAsync() is { } message)
            if (message is ShareReplyMessage reply && reply.Id == question.Id) return "connected";
        await peer.Served;
        return node.Link.Offences.Count > 0 ? "banned" : "disconnected";
    }
}
