using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>v17-basic: the five-share chain of the specification and the primitives it is made of.</summary>
public class ClassicBasicVectorTests
{
    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic;
    private static readonly JsonElement Recorded = Vectors.Json("v17-basic.json").RootElement;
    private static readonly JsonElement[] Records = [.. Recorded.GetProperty("shares").EnumerateArray()];

    private static readonly Hash256[] Transactions =
        [.. Recorded.GetProperty("transactions").EnumerateArray().Select(transaction => transaction.Hash("full_hash"))];

    /// <summary>Each list of the file with the number of its items and the check of one.</summary>
    internal static Dictionary<string, (int Items, Action<JsonElement> Check)> Lists { get; } = new()
    {
        ["shares"] = (5, CheckShare),
        ["addresses.cases"] = (9, CheckPayee),
        ["average_attempts"] = (5, CheckAttempts),
        ["compact_from_target"] = (17, CheckCompact),
        ["compact_to_target"] = (9, each => Assert.Equal(each.Number("target"), each.Bits("bits").ToTarget())),
        ["stratum"] = (4, CheckDifficulty),
        ["merkle"] = (7, CheckMerkle),
        ["hash_link.cases"] = (10, CheckHashLink),
        ["coinbase_height_push"] = (14, each => each.GetProperty("hex").IsHexOf(CoinbaseScript.PushOf(each.GetProperty("height").GetUInt32()).AsSpan())),
        ["varint"] = (9, CheckVarInt),
        ["varint_bad"] = (4, CheckBadVarInt),
        ["transactions"] = (4, CheckTransaction),
        ["frames"] = (15, CheckFrame),
    };

    public static TheoryData<string> Names => [.. Lists.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void RecordedItems_DoneAgain_AreTheSame(string list)
    {
        var (items, check) = Lists[list];
        var recorded = list.Split('.').Aggregate(Recorded, (value, name) => value.GetProperty(name));
        Assert.Equal(items, recorded.GetArrayLength());
        Assert.All(recorded.EnumerateArray(), check);
    }

    [Fact]
    public void Constants_AreThoseOfTheNetwork()
    {
        CheckFrontEnding(Recorded.GetProperty("hash_link").GetProperty("E_hex"));
        CheckEmptyCommitment(Recorded.GetProperty("witness_commitment_empty_hex"));
    }

    internal static void CheckFrontEnding(JsonElement hex) => hex.IsHexOf(GenerationTransaction.FrontEnding(Network));

    internal static void CheckEmptyCommitment(JsonElement hex) => hex.IsHexOf(GenerationTransaction.WitnessCommitment(Merkle.Root([])).AsSpan()[6..]);

    private static void CheckShare(JsonElement record)
    {
        var share = ClassicShares.Stubbed(record.Hex("wrapped_hex"));
        var writer = new ByteWriter();
        share.Share.Info.Write(writer, share.Share.Version);
        record.GetProperty("wrapped_hex").IsHexOf(share.WireBytes.AsSpan());
        record.GetProperty("wrapped_hex").IsHexOf(share.Share.ToBytes());
        Assert.Equal(record.Hex("share_info_hex"), writer.ToArray());
        Assert.Equal(record.Hex("ref_preimage_hex"), (byte[])[.. Network.Identifier, .. writer.Written]);
        Assert.Equal(record.Hex("ref_hash_hex"), share.ReferenceHash.ToBytes());
        Assert.Equal(record.Hex("header_hex"), share.FullHeader.ToBytes());
        Assert.Equal(record.Hash("merkle_root"), share.FullHeader.MerkleRoot);
        Assert.Equal(record.Hash("share_hash"), share.Hash);
        Assert.Equal(record.Hash("txid"), share.CoinbaseId);

        var info = share.Share.Info;
        Assert.Equal(record.Bits("max_bits"), info.MaxBits);
        Assert.Equal(record.Bits("bits"), info.Bits);
        Assert.Equal(record.GetProperty("timestamp").GetUInt32(), info.Timestamp);
        Assert.Equal(record.GetProperty("absheight").GetUInt32(), info.AbsoluteHeight);
        Assert.Equal(record.Decimal("abswork"), ((UInt256)info.AbsoluteWork).ToBigInteger());
        Assert.Equal(record.Hashes("new_transaction_hashes"), info.Transactions!.New);
        Assert.Equal(
            record.GetProperty("refs").EnumerateArray().Select(number => number.GetUInt64()),
            info.Transactions.References.SelectMany(reference => new[] { (ulong)reference.SharesBack, reference.Index }));
        CheckPlace(record, share);
    }

    private static void CheckPlace(JsonElement record, CheckedShare share)
    {
        var chain = new SlowChain(Network);
        foreach (var other in Records) chain.Add(ClassicShares.Stubbed(other.Hex("wrapped_hex")));
        var verification = new ShareVerification(Network);
        var context = chain.ContextOf(share);
        Assert.Null(verification.Verify(share, context, 0));
        var coinbase = verification.Coinbase(share, context);
        Assert.Equal(record.Hex("coinbase_stripped_hex"), coinbase);
        var parsed = Transaction.Parse(coinbase);
        Assert.Equal(record.Hex("coinbase_full_hex"), GenerationTransaction.WithWitness(parsed).ToBytes());
        Assert.Equal(
            record.GetProperty("outputs").EnumerateArray().Select(output => (output.GetProperty("value").GetUInt64(), output.Text("script_hex"))),
            parsed.Outputs.Select(output => (output.Value, Convert.ToHexStringLower(output.Script.AsSpan()))));
        Assert.Equal(
            record.GetProperty("transactions").EnumerateArray().Select(number => Transactions[number.GetInt32()]),
            KnownTransactions.Under(context.Parent).Resolve(share.Share.Info.Transactions!)!.Value);
    }

    private static void CheckPayee(JsonElement each)
    {
        var payee = KeyHashScript.Parse(each.Text("address"), Network.Parent)!.Value;
        Assert.Equal(each.GetProperty("version").GetByte(), payee.Version);
        Assert.Equal(each.Hex("wire_hex"), payee.ToBytes());
        Assert.Equal(payee, KeyHash.Of(each.Hex("wire_hex"), payee.Version));
        Assert.Equal(each.GetProperty("script_hex").GetString(), KeyHashScript.Of(payee, Network.Parent) is { } script ? Convert.ToHexStringLower(script.AsSpan()) : null);
    }

    private static void CheckAttempts(JsonElement each) => Assert.Equal(
        System.Numerics.BigInteger.Min(each.Decimal("attempts"), UInt256.MaxValue.ToBigInteger()), Targets.AverageAttempts(each.Number("target")).ToBigInteger());

    private static void CheckCompact(JsonElement each)
    {
        Assert.Equal(each.Bits("bits"), CompactTarget.FromTargetUpperBound(each.Number("target")));
        Assert.Equal(each.Number("back"), each.Bits("bits").ToTarget());
    }

    private static void CheckDifficulty(JsonElement each)
    {
        var difficulty = Targets.Difficulty(each.Bits("bits").ToTarget()) * Network.Parent.MinerDifficultyFactor;
        Assert.Equal(each.Real("difficulty"), difficulty);
    }

    private static void CheckMerkle(JsonElement each)
    {
        var (leaves, branch) = (each.Hashes("leaves"), each.Hashes("branch_index0"));
        Assert.Equal(each.Hash("root"), Merkle.Root(leaves.AsSpan()));
        Assert.Equal(branch, Merkle.BranchOfFirst([Hash256.Zero, .. leaves.Skip(1)]));
        Assert.Equal(each.Hash("root"), Merkle.Apply(leaves[0], branch.AsSpan()));
    }

    private static void CheckHashLink(JsonElement each)
    {
        var ending = GenerationTransaction.FrontEnding(Network);
        var front = new byte[each.GetProperty("length").GetInt32()];
        front.AsSpan().Fill(0x11);
        ending.CopyTo(front.AsSpan()[^ending.Length..]);
        var data = Enumerable.Repeat((byte)0x22, 44).ToArray();
        Assert.Equal("44 bytes of 22", each.Text("data"));
        Assert.Equal($"{front.Length - ending.Length} bytes of 11 then E", each.Text("prefix"));
        var writer = new ByteWriter();
        HashLink.Of(front).Write(writer);
        Assert.Equal(each.Hex("link_hex"), writer.ToArray());
        Assert.Equal(each.Hash("txid"), HashLink.Of(front).Finish(data, ending));
    }

    private static void CheckVarInt(JsonElement each)
    {
        var value = each.GetProperty("value").GetUInt64();
        Assert.Equal(each.Hex("hex"), new ByteWriter().VarInt(value).ToArray());
        Assert.Equal(value, new ByteReader(each.Hex("hex")).VarInt());
    }

    private static void CheckBadVarInt(JsonElement bad) =>
        Assert.Throws<WireFormatException>(() => new ByteReader(Convert.FromHexString(bad.GetString()!)).VarInt());

    private static void CheckTransaction(JsonElement each)
    {
        var transaction = Transaction.Parse(each.Hex("full_hex"));
        Assert.Equal(each.Hash("txid"), transaction.Id());
        Assert.Equal(each.Hash("full_hash"), transaction.WitnessId());
        Assert.Equal(each.Hex("full_hex"), transaction.ToBytes());
        Assert.Contains(transaction.WitnessId(), Transactions);
    }

    private static void CheckFrame(JsonElement each)
    {
        var frame = each.Hex("frame_hex");
        Assert.Equal(FrameFinding.Message, new PeerFrameReader(Network).Read(frame, out var consumed, out var command, out var payload, out _));
        Assert.Equal((frame.Length, each.Text("command")), (consumed, command.Name()));
        Assert.Equal(each.Hex("payload_hex"), payload);
        var message = PeerMessage.Parse(command, payload);
        Assert.Equal(frame, PeerFrame.Write(Network, message));
    }
}
