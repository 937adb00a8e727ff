using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Primitives;

/// <summary>The primitive functions of the reference, value by value.</summary>
public class PrimitiveVectorTests
{
    private static readonly JsonElement Root = Vectors.Json("v35-primitives.json").RootElement;

    /// <summary>Each list of the file with the number of its items and the check of one.</summary>
    internal static Dictionary<string, (int Items, Action<JsonElement> Check)> Lists { get; } = new()
    {
        ["compact_from_target_upper_bound"] = (32, CheckCompactFromTarget),
        ["compact_to_target"] = (17, CheckCompactToTarget),
        ["target_to_average_attempts"] = (9, CheckAttempts),
        ["target_to_difficulty"] = (7, CheckDifficulty),
        ["difficulty_to_target"] = (11, each => Assert.Equal(each.Number("target"), Targets.FromDifficulty(each.Real("difficulty")))),
        ["average_attempts_to_target"] = (9, each => Assert.Equal(each.Number("target"), Targets.FromAttempts(each.Real("average_attempts")))),
        ["coinbase_height_push"] = (16, CheckHeight),
        ["varint"] = (10, CheckVarInt),
        ["varint_non_canonical"] = (5, CheckBadVarInt),
        ["merkle"] = (6, CheckMerkle),
        ["witness_commitment"] = (2, CheckCommitment),
        ["hash_link.cases"] = (8, CheckHashLink),
        ["parent_subsidy"] = (9, CheckSubsidy),
    };

    public static TheoryData<string> Names => [.. Lists.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void RecordedItems_DoneAgain_AreTheSame(string list)
    {
        var (items, check) = Lists[list];
        var recorded = list.Split('.').Aggregate(Root, (value, name) => value.GetProperty(name));
        Assert.Equal(items, recorded.GetArrayLength());
        Assert.All(recorded.EnumerateArray(), check);
    }

    [Fact]
    public void Constants_AreThoseOfTheNetworks()
    {
        CheckConstants(Root.GetProperty("constants"));
        CheckFrontEnding(Root.GetProperty("hash_link").GetProperty("const_ending_hex"));
        Assert.Equal(Hash256.Zero, Merkle.Root([]));
    }

    internal static void CheckConstants(JsonElement constants)
    {
        constants.GetProperty("donation_script_hex").IsHexOf(KnownNetworks.Vertcoin.DonationScript.AsSpan());
        Assert.Equal(
            (constants.Text("donation_address_mainnet"), constants.Text("donation_address_testnet")),
            (KnownNetworks.Vertcoin.DonationAddress, KnownNetworks.Devnet.DonationAddress));
    }

    internal static void CheckFrontEnding(JsonElement hex) => hex.IsHexOf(GenerationTransaction.FrontEnding(KnownNetworks.Vertcoin));

    private static void CheckCompactFromTarget(JsonElement each)
    {
        var compact = CompactTarget.FromTargetUpperBound(each.Number("target"));
        Assert.Equal(each.Bits("bits"), compact);
        Assert.Equal(each.Hex("bits_wire_bytes_hex"), new ByteWriter().UInt32(compact.Bits).ToArray());
        Assert.Equal(each.Number("decoded_target"), compact.ToTarget());
    }

    private static void CheckCompactToTarget(JsonElement each)
    {
        // For what exceeds 256 bits, which the reference keeps, the greatest number stands here: every hash is below either.
        var expected = BigInteger.Parse("0" + each.Text("target"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Assert.Equal(BigInteger.Min(expected, UInt256.MaxValue.ToBigInteger()), each.Bits("bits").ToTarget().ToBigInteger());
    }

    private static void CheckAttempts(JsonElement each)
    {
        var expected = BigInteger.Parse("0" + each.Text("attempts"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Assert.Equal(BigInteger.Min(expected, UInt256.MaxValue.ToBigInteger()), Targets.AverageAttempts(each.Number("target")).ToBigInteger());
    }

    private static void CheckDifficulty(JsonElement each)
    {
        var difficulty = Targets.Difficulty(each.Number("target"));
        Assert.Equal(each.Real("difficulty"), difficulty);
        Assert.Equal(each.Real("stratum_set_difficulty_x256"), difficulty * KnownNetworks.Vertcoin.Parent.MinerDifficultyFactor);
    }

    private static void CheckHeight(JsonElement each)
    {
        var height = each.GetProperty("height").GetUInt32();
        Assert.Equal(each.Hex("script_hex"), CoinbaseScript.PushOf(height));
        // A share needs two bytes at least; only the first heights of a test chain are shorter.
        Assert.Equal(height <= 16 ? [.. each.Hex("script_hex"), 0] : each.Hex("script_hex"), CoinbaseScript.ForHeight(height));
    }

    private static void CheckVarInt(JsonElement each)
    {
        var (value, bytes) = (ulong.Parse(each.Text("value"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), each.Hex("bytes_hex"));
        Assert.Equal(bytes, new ByteWriter().VarInt(value).ToArray());
        var reader = new ByteReader(bytes);
        Assert.Equal(value, reader.VarInt());
        reader.End();
    }

    private static void CheckBadVarInt(JsonElement each)
    {
        Assert.Equal("rejected", each.Text("result"));
        Assert.Throws<WireFormatException>(() => new ByteReader(each.Hex("bytes_hex")).VarInt());
    }

    private static void CheckMerkle(JsonElement each)
    {
        var leaves = each.Hashes("leaves").AsSpan();
        Assert.Equal(each.Hash("root"), Merkle.Root(leaves));
        var branch = Merkle.BranchOfFirst(leaves);
        Assert.Equal(each.Hashes("branch_of_leaf_0"), branch);
        Assert.Equal(each.Hash("root_from_branch"), Merkle.Apply(leaves[0], branch.AsSpan()));
        Assert.Equal(branch, Merkle.BranchOfFirst([Hash256.Zero, .. leaves[1..]]));
    }

    // The commitment as a number is the bytes at the script's end.
    private static void CheckCommitment(JsonElement each)
    {
        var script = GenerationTransaction.WitnessCommitment(each.Hash("wtxid_merkle_root"));
        each.GetProperty("output_script_hex").IsHexOf(script);
        Assert.Equal(each.Hash("commitment"), Hash256.FromBytes(script.AsSpan()[^Hash256.Size..]));
    }

    private static void CheckHashLink(JsonElement each)
    {
        var ending = GenerationTransaction.FrontEnding(KnownNetworks.Vertcoin);
        Assert.EndsWith(Convert.ToHexStringLower(ending), each.Text("prefix_bytes_hex"), StringComparison.Ordinal);
        var link = HashLink.Of(each.Hex("prefix_bytes_hex"));
        var packed = new ByteWriter();
        link.Write(packed);
        each.GetProperty("packed_hex").IsHexOf(packed.Written);
        each.GetProperty("state_hex").IsHexOf(packed.Written[..Sha256State.Size]);
        Assert.Equal((each.GetProperty("length").GetUInt64(), ""), (link.Length, each.Text("extra_data_hex")));
        var reader = new ByteReader(packed.Written);
        Assert.Equal(link, HashLink.Read(ref reader));
        Assert.Equal(each.Hash("double_sha256"), link.Finish(each.Hex("appended_bytes_hex"), ending));
    }

    // Halved once for each interval that the next block lies beyond.
    private static void CheckSubsidy(JsonElement each)
    {
        const ulong First = 5_000_000_000;
        var halvings = (each.GetProperty("height").GetInt32() + 1) / KnownNetworks.Vertcoin.Parent.HalvingInterval;
        Assert.Equal(First >> halvings, each.GetProperty("subsidy").GetUInt64());
    }
}
