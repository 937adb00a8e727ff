using System.Text.Json;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Peers;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Shares inside recorded messages: what was sent to a node on purpose and how it took it, and what nodes sent each other.</summary>
public class ClassicWireShareTests
{
    private static readonly ClassicLiveChain Live = ClassicLiveChain.Of("shares");

    private static readonly JsonElement[] Experiments = [.. ClassicLiveChain.Json("misbehaviour").GetProperty("experiments").EnumerateArray()];

    public static TheoryData<string> Names => [.. Experiments.Where(IsShare).Select(experiment => experiment.Text("name"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void SharesSentToARunningNode_Judged_AreTakenAsItTookThem(string name)
    {
        var experiment = Experiments.Single(each => each.Text("name") == name);
        Assert.NotEmpty(Parts(experiment));
    }

    [Theory]
    [InlineData("share_broadcast", 21)]
    [InlineData("late_join_node4", 347)]
    public void SharesBetweenNodes_Read_HaveTheRecordedFieldsAndBytes(string file, int count)
    {
        var shares = Vectors.JsonLines($"live-1800/wire/{file}.jsonl")
            .SelectMany(line => RecordedLines.Parts(Live.Network, line.RootElement)).Count(part => part.Path == "decoded.shares.#");
        Assert.Equal(count, shares);
    }

    /// <summary>What an experiment says about shares and messages, in parts, each passing its check.</summary>
    internal static List<GoldenPart> Parts(JsonElement experiment)
    {
        List<GoldenPart> parts = [.. Messages(experiment, "sent"), .. Messages(experiment, "received")];
        if (IsShare(experiment)) parts.AddRange(Verdict(experiment));
        foreach (var part in parts) part.Check(part.Value);
        return parts;
    }

    private static bool IsShare(JsonElement experiment) => experiment.Text("name").StartsWith("share: ", StringComparison.Ordinal);

    private static IEnumerable<GoldenPart> Messages(JsonElement experiment, string list) => experiment.GetProperty(list).EnumerateArray()
        .SelectMany(message => RecordedLines.Parts(Live.Network, message, $"experiments.#.{list}.#"));

    private static IEnumerable<GoldenPart> Verdict(JsonElement experiment)
    {
        var name = experiment.Text("name");
        var sent = experiment.GetProperty("sent").EnumerateArray().Single(sent => sent.Text("command") == "shares");
        var shares = Assert.IsType<SharesMessage>(RecordedLines.Message(Live.Network, sent)).Shares;
        // This one's work falls short; what the others' was is not recorded but that it met their target, where there was one.
        var proofOfWork = name == "share: PoW above share target" ? UInt256.MaxValue : UInt256.Zero;
        var judged = shares.Select(share => Live.Judge(Wire(share), proofOfWork)).Distinct().ToList();
        var (taken, consequence) = Assert.Single(judged);

        // Which transactions are known is a matter of the connection, not of the share.
        var isClosed = consequence != null || name == "share: new_transaction_hashes with an unknown tx";
        yield return new GoldenPart("experiments.#.banned", experiment.GetProperty("banned"), value => Assert.Equal(consequence == ShareFaultConsequence.Ban, value.GetBoolean()));
        yield return new GoldenPart(
            "experiments.#.after.connection",
            experiment.GetProperty("after").GetProperty("connection"),
            value => Assert.StartsWith(isClosed ? "closed by node" : "still open", value.GetString(), StringComparison.Ordinal));
        if (!experiment.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Object) yield break;
        foreach (var member in details.EnumerateObject())
        {
            Action<JsonElement>? check = member.Name switch
            {
                "share_hash" when taken is not null => value => Assert.Equal(value.AsHash(), taken.Hash),
                "share_wire_hex" => value => Assert.Equal(Wire(shares[0]), value.GetString()),
                _ => null,
            };
            if (check is not null) yield return new GoldenPart($"experiments.#.details.{member.Name}", member.Value, check);
            if (member.Name == "node")
                yield return new GoldenPart(
                    "experiments.#.details.node.node_has_it", member.Value.GetProperty("node_has_it"), value => Assert.Equal(!isClosed, value.GetBoolean()));
        }
    }

    private static string Wire(WrappedShare share)
    {
        var writer = new ByteWriter();
        share.Write(writer);
        return Convert.ToHexStringLower(writer.Written);
    }
}
