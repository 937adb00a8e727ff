using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Shares inside recorded messages: what was sent to a node on purpose and how it took it, and what nodes sent each other.</summary>
public class ClassicWireShareTests
{
    private const int FrameHeader = 28;

    private static readonly JsonElement Json = Vectors.Json("live-1800/shares.json").RootElement;
    private static readonly NetworkParameters Network = ClassicShares.Recorded(Json.GetProperty("net"));

    private static readonly JsonElement[] Experiments =
    [
        .. Vectors.Json("live-1800/misbehaviour.json").RootElement.GetProperty("experiments").EnumerateArray()
            .Where(experiment => experiment.Text("name").StartsWith("share: ", StringComparison.Ordinal)),
    ];

    public static TheoryData<string> Names => [.. Experiments.Select(experiment => experiment.Text("name"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void SharesSentToARunningNode_Judged_AreTakenAsItTookThem(string name)
    {
        var experiment = Experiments.Single(each => each.Text("name") == name);
        var message = experiment.GetProperty("sent").EnumerateArray().Single(sent => sent.Text("command") == "shares").Hex("hex");
        // This one's work falls short; what the others' was is not recorded but that it met their target, where there was one.
        var proofOfWork = name == "share: PoW above share target" ? UInt256.MaxValue : UInt256.Zero;
        foreach (var wrapped in Shares(message.AsSpan(FrameHeader)))
        {
            var result = new ShareCheck(Network).Check(wrapped, proofOfWork);
            var refusal = result.Share is { } share ? Verify(share) : null;
            // Which transactions are known is a matter of the connection, not of the share.
            var unknownTransaction = name == "share: new_transaction_hashes with an unknown tx";
            var expected = experiment.GetProperty("banned").GetBoolean() ? "banned"
                : experiment.GetProperty("after").Text("connection").StartsWith("closed", StringComparison.Ordinal) && !unknownTransaction ? "closed"
                : "open";
            Assert.Equal(expected, result.Fault?.Consequence() switch
            {
                ShareFaultConsequence.Ban => "banned",
                ShareFaultConsequence.Disconnect => "closed",
                _ => refusal is null ? "open" : "banned",
            });
            if (result.Share is { } taken && experiment.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object)
                Assert.Equal(details.Hash("share_hash"), taken.Hash);
        }
    }

    [Theory]
    [InlineData("share_broadcast", 21)]
    [InlineData("late_join_node4", 347)]
    public void SharesBetweenNodes_Read_HaveTheRecordedFieldsAndBytes(string file, int count)
    {
        var read = 0;
        foreach (var line in Vectors.JsonLines($"live-1800/wire/{file}.jsonl").Select(line => line.RootElement))
        {
            if (!line.TryGetProperty("command", out var command) || command.GetString() is not ("shares" or "sharereply")) continue;
            var payload = line.Hex("hex").AsSpan(FrameHeader);
            // A reply begins with the request's id and the result.
            var shares = Shares(command.GetString() == "shares" ? payload : payload[(Hash256.Size + 1)..]);
            var recorded = line.GetProperty("decoded").GetProperty("shares");
            Assert.Equal(recorded.GetArrayLength(), shares.Count);
            foreach (var (wrapped, decoded) in shares.Zip(recorded.EnumerateArray()))
            {
                Assert.Equal(decoded.GetProperty("type").GetUInt64(), wrapped.Type);
                var share = Share.Parse(ShareVersionRules.Find(wrapped.Type)!, wrapped.Contents.Span);
                Assert.Equal(wrapped.Contents, share.ToContents());
                ClassicLiveShareTests.CheckFields(decoded.GetProperty("contents"), share);
                read++;
            }
        }
        Assert.Equal(count, read);
    }

    // Null also for a share whose parent nobody has: it is held, not judged.
    private static ShareRefusal? Verify(CheckedShare share)
    {
        var chain = new SlowChain(Network);
        foreach (var record in Json.GetProperty("shares").EnumerateArray())
            chain.Add(ClassicShares.Checked(Network, record.Hex("wire_hex"), record.Number("pow_hash")));
        return share.PreviousShare.IsZero || chain.From(share.PreviousShare).Any()
            ? new ShareVerification(Network).Verify(share, chain.ContextOf(share), 0)
            : null;
    }

    private static List<WrappedShare> Shares(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        var shares = new List<WrappedShare>();
        for (var left = reader.Count(WrappedShare.SmallestSize); left > 0; left--) shares.Add(WrappedShare.Read(ref reader));
        reader.End();
        return shares;
    }
}
