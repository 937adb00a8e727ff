using System.Globalization;
using System.Numerics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Peers;
using Grainpool.P2Pool.Tests.Shares;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>live-1800/pack: the primitives of the running nodes' own code, and their addresses with every defect.</summary>
public class ClassicPackVectorTests
{
    private static readonly JsonElement Recorded = Vectors.Json("live-1800/pack.json").RootElement;

    /// <summary>Each list of the file with the number of its items and the check of one.</summary>
    internal static Dictionary<string, (int Items, Action<JsonElement> Check)> Lists { get; } = new()
    {
        ["addresses"] = (99, CheckPayee),
        ["address_parse_main"] = (10, CheckAddressText),
        ["address_type"] = (4, CheckPeerAddress),
        ["address_type_read"] = (3, CheckPeerAddressRead),
        ["floating_integer_from_target_upper_bound"] = (310, CheckCompactFromTarget),
        ["floating_integer_target_of_bits"] = (17, CheckCompactToTarget),
        ["target_to_average_attempts"] = (310, CheckAttempts),
        ["average_attempts_to_target"] = (12, each => Assert.Equal(each.Number("target"), Targets.FromAttempts((double)each.Decimal("attempts")))),
        ["difficulty_to_target_alt"] = (8, each => Assert.Equal(each.Number("target"), Targets.FromDifficulty(each.Real("difficulty") / each.GetProperty("modifier").GetInt32()))),
        ["target_to_difficulty"] = (309, CheckDifficulty),
        ["hash_link"] = (15, CheckHashLink),
        ["merkle"] = (66, CheckMerkle),
        ["merkle_link_with_None_first"] = (12, CheckMerkleBranch),
        ["int"] = (85, CheckNumber),
        ["varint_write"] = (13, each => each.GetProperty("hex").IsHexOf(new ByteWriter().VarInt((ulong)each.Decimal("value")).Written)),
        ["varint_read"] = (15, CheckVarIntRead),
        ["varstr"] = (5, CheckVarString),
        ["stale_info"] = (13, each => Assert.Equal(Assert.Single(each.Hex("hex")), ChainVectorTests.Stale(each.GetProperty("value")))),
        ["create_push_script"] = (16, CheckPush),
        ["parse_bip0034"] = (6, CheckHeight),
        ["possibly_none_hash0"] = (4, CheckNoneHash),
        ["possibly_none_outpoint"] = (3, CheckNoneOutPoint),
        ["possibly_none_sequence"] = (4, CheckNoneSequence),
        ["segwit_data"] = (3, CheckWitnessData),
    };

    public static TheoryData<string> Names => [.. Lists.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void RecordedItems_DoneAgain_AreTheSame(string list)
    {
        var (items, check) = Lists[list];
        Assert.Equal(items, Recorded.GetProperty(list).GetArrayLength());
        Assert.All(Recorded.GetProperty(list).EnumerateArray(), check);
    }

    [Fact]
    public void Constants_AreThoseOfTheNetwork()
    {
        CheckFrontEnding(Recorded.GetProperty("gentx_before_refhash"));
        CheckDonation(Recorded.GetProperty("donation_script"));
    }

    internal static void CheckFrontEnding(JsonElement hex) => hex.IsHexOf(GenerationTransaction.FrontEnding(KnownNetworks.VertcoinClassic));

    internal static void CheckDonation(JsonElement hex) => hex.IsHexOf(KnownNetworks.VertcoinClassic.DonationScript.AsSpan());

    private static void CheckPayee(JsonElement each)
    {
        var network = Network(each.Text("net"));
        var payee = new KeyHash(each.Number("pubkey_hash"), each.GetProperty("version").GetByte());
        var script = KeyHashScript.Of(payee, network.Parent);
        Assert.Equal(Ok(each.GetProperty("script")), script is null ? null : Convert.ToHexStringLower(script.Value.AsSpan()));
        if (script is null)
        {
            Assert.All((string[])["script2_to_address", "address_to_pubkey_hash"], name => Assert.Equal(JsonValueKind.Null, each.GetProperty(name).ValueKind));
            return;
        }
        Assert.Equal(Ok(each.GetProperty("script2_to_address")), ScriptAddress.Of(script.Value.AsSpan(), network));
        if (Ok(each.GetProperty("address")) is not { } address) return;
        var back = each.GetProperty("address_to_pubkey_hash").GetProperty("ok");
        var read = KeyHashScript.Parse(address, network.Parent);
        Assert.Equal(new KeyHash(UInt256.FromBigInteger(back[0].AsDecimal()), byte.Parse(back[1].GetString()!, CultureInfo.InvariantCulture)), read);
        // A program that lost its leading zero bytes is another one.
        const int WholeProgram = 22;
        if (payee.Version != 0 || script.Value.Length == WholeProgram) Assert.Equal(payee, read);
    }

    private static void CheckAddressText(JsonElement each)
    {
        var payee = KeyHashScript.Parse(each.Text("address"), KnownNetworks.VertcoinClassic.Parent);
        var packed = each.GetProperty("result").TryGetProperty("ok", out var result) ? Ok(result.GetProperty("packed160")) : null;
        Assert.Equal(packed, payee is { } read ? Convert.ToHexStringLower(read.ToBytes()) : null);
        if (payee is not { } named) return;
        Assert.Equal((result.Number("pubkey_hash"), result.GetProperty("version").GetByte()), (named.Number, named.Version));
        Assert.Equal(Ok(result.GetProperty("script")), KeyHashScript.Of(named, KnownNetworks.VertcoinClassic.Parent) is { } script ? Convert.ToHexStringLower(script.AsSpan()) : null);
    }

    private static void CheckPeerAddress(JsonElement each)
    {
        var writer = new ByteWriter();
        new PeerAddress(each.GetProperty("services").GetUInt64(), IPAddress.Parse(each.Text("address")), each.GetProperty("port").GetUInt16()).Write(writer);
        each.GetProperty("hex").IsHexOf(writer.Written);
        CheckPeerAddressRead(each);
    }

    private static void CheckPeerAddressRead(JsonElement each)
    {
        var reader = new ByteReader(each.Hex("hex"));
        var (read, writer) = (PeerAddress.Read(ref reader), new ByteWriter());
        reader.End();
        read.Write(writer);
        each.GetProperty("hex").IsHexOf(writer.Written);
        Assert.Equal(each.Text("address"), RecordedLines.Text(read));
    }

    private static void CheckCompactFromTarget(JsonElement each)
    {
        var compact = CompactTarget.FromTargetUpperBound(each.Number("target"));
        Assert.Equal(each.Bits("bits"), compact);
        Assert.Equal(each.Hex("packed"), new ByteWriter().UInt32(compact.Bits).ToArray());
        Assert.Equal(each.Number("target_of_bits"), compact.ToTarget());
    }

    private static void CheckCompactToTarget(JsonElement each)
    {
        var exact = HexNumber(each.Text("target"));
        Assert.Equal(BigInteger.Min(exact, UInt256.MaxValue.ToBigInteger()), each.Bits("bits").ToTarget().ToBigInteger());
        Assert.Equal(exact > UInt256.MaxValue.ToBigInteger(), each.Bits("bits").IsBeyondAnyHash);
    }

    private static void CheckAttempts(JsonElement each) => Assert.Equal(
        BigInteger.Min(each.Decimal("attempts"), UInt256.MaxValue.ToBigInteger()), Targets.AverageAttempts(each.Number("target")).ToBigInteger());

    private static void CheckDifficulty(JsonElement each)
    {
        // The nodes divide whole numbers and round once; here both are rounded before. It is only shown to people and miners.
        var (recorded, difficulty) = (each.Real("difficulty"), Targets.Difficulty(each.Number("target")));
        Assert.Equal(recorded, difficulty, recorded * 1e-15);
        Assert.Equal(each.Real("difficulty_alt16"), recorded * 16);
        Assert.Equal(each.Real("stratum_difficulty"), recorded * KnownNetworks.VertcoinClassic.Parent.MinerDifficultyFactor);
    }

    private static void CheckHashLink(JsonElement each)
    {
        var ending = GenerationTransaction.FrontEnding(KnownNetworks.VertcoinClassic);
        Assert.EndsWith(Convert.ToHexStringLower(ending), each.Text("prefix"), StringComparison.Ordinal);
        var link = HashLink.Of(each.Hex("prefix"));
        var packed = new ByteWriter();
        link.Write(packed);
        Assert.Equal(each.Hex("packed"), packed.ToArray());
        Assert.Equal(each.Hex("state"), packed.Written[..Sha256State.Size]);
        Assert.Equal(each.GetProperty("length").GetUInt64(), link.Length);
        Assert.Equal("", each.Text("extra_data"));
        Assert.Equal(each.Hash("double_sha256_int"), link.Finish(each.Hex("suffix"), ending));
    }

    private static void CheckMerkle(JsonElement each)
    {
        var (leaves, index) = (each.Hashes("hashes"), each.GetProperty("index").GetInt32());
        Assert.Equal(each.GetProperty("n").GetInt32(), leaves.Length);
        Assert.Equal(each.Hash("root"), Merkle.Root(leaves.AsSpan()));
        Assert.Equal(index, each.GetProperty("link_index").GetInt32());
        Assert.InRange(index, 0, leaves.Length - 1);

        // No share has its coinbase elsewhere than first; the recorded branches from other places lead up the same tree.
        var (branch, sum, place) = (each.Hashes("branch"), leaves[index], index);
        foreach (var sibling in branch)
        {
            sum = place % 2 == 0 ? Sha256.Node(sum, sibling) : Sha256.Node(sibling, sum);
            place /= 2;
        }
        Assert.Equal((each.Hash("root"), each.Hash("check")), (sum, sum));
        if (index == 0) Assert.Equal(branch, Merkle.BranchOfFirst(leaves.AsSpan()));
    }

    private static void CheckMerkleBranch(JsonElement each)
    {
        var leaves = Enumerable.Range(0, each.GetProperty("n").GetInt32()).Select(i => Hash256.Parse(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"leaf{i}")))));
        Assert.Equal(each.Hashes("branch"), Merkle.BranchOfFirst([Hash256.Zero, .. leaves]));
    }

    private static void CheckNumber(JsonElement each)
    {
        var (bytes, isLittle) = (each.Hex("hex"), each.Text("endian") == "little");
        Assert.True(isLittle || each.Text("endian") == "big");
        Assert.Equal(each.GetProperty("bits").GetInt32(), 8 * bytes.Length);
        if (bytes.Length == 0)
        {
            // The index of a merkle link: no bytes, whatever it is.
            Assert.Equal("any", each.Text("value"));
            return;
        }
        // Everything is little-endian but the port of an address; what is read the other way must be the bytes turned round.
        if (!isLittle && bytes.Length != 2) bytes = [.. bytes.Reverse()];
        var reader = new ByteReader(bytes);
        var found = bytes.Length switch
        {
            1 => reader.Byte(),
            2 => isLittle ? reader.UInt16() : reader.UInt16BigEndian(),
            4 => reader.UInt32(),
            8 => reader.UInt64(),
            16 => ((UInt256)reader.UInt128()).ToBigInteger(),
            20 => KeyHash.Of(reader.Bytes(20), 0).Number.ToBigInteger(),
            32 => reader.Hash().ToNumber().ToBigInteger(),
            var other => throw new FormatException($"{other} bytes"),
        };
        reader.End();
        Assert.Equal(each.Decimal("value"), found);
    }

    private static void CheckVarIntRead(JsonElement each) => Assert.Equal(Ok(each.GetProperty("result")), ReadVarInt(each.Hex("hex")));

    private static void CheckVarString(JsonElement each)
    {
        each.GetProperty("hex").IsHexOf(new ByteWriter().VarString(each.Hex("value")).Written);
        var reader = new ByteReader(each.Hex("hex"));
        Assert.Equal(each.Hex("value"), reader.VarString());
        reader.End();
    }

    private static void CheckPush(JsonElement each)
    {
        // There are no blocks below height 0.
        var number = Assert.Single(each.GetProperty("datums").EnumerateArray()).AsDecimal();
        if (number < 0) Assert.Equal((-1, "4f"), ((int)number, each.Text("hex")));
        else each.GetProperty("hex").IsHexOf(CoinbaseScript.PushOf((uint)number).AsSpan());
    }

    private static void CheckHeight(JsonElement each)
    {
        // A negative height is none.
        var height = Ok(each.GetProperty("result")) is { } text && !text.StartsWith('-') ? uint.Parse(text, CultureInfo.InvariantCulture) : (uint?)null;
        Assert.Equal(height, CoinbaseScript.HeightOf(each.Hex("coinbase")));
    }

    // None is written as zero, or as all ones.
    private static void CheckNoneHash(JsonElement each)
    {
        var value = each.GetProperty("value");
        if (value.ValueKind != JsonValueKind.Null && value.AsDecimal().IsZero) Assert.Null(Ok(each.GetProperty("result")));
        else
            each.GetProperty("result").GetProperty("ok").IsHexOf(
                (value.ValueKind == JsonValueKind.Null ? Hash256.Zero : Hash256.FromNumber(UInt256.FromBigInteger(value.AsDecimal()))).ToBytes());
    }

    private static void CheckNoneOutPoint(JsonElement each)
    {
        var value = each.GetProperty("value");
        var (hash, index) = value.ValueKind == JsonValueKind.Null ? (Hash256.Zero, uint.MaxValue) : (Hash256.FromNumber(UInt256.FromBigInteger(value.Decimal("hash"))), (uint)value.Decimal("index"));
        var transaction = new Transaction(1, [new TransactionInput(new OutPoint(hash, index), [], 0, [])], [], 0).ToBytes();
        const int Before = 5;
        each.GetProperty("result").GetProperty("ok").IsHexOf(transaction.AsSpan(Before, Hash256.Size + sizeof(uint)));
    }

    private static void CheckNoneSequence(JsonElement each)
    {
        var value = each.GetProperty("value");
        var sequence = value.ValueKind == JsonValueKind.Null ? uint.MaxValue : (uint)value.AsDecimal();
        if (value.ValueKind != JsonValueKind.Null && sequence == uint.MaxValue) Assert.Null(Ok(each.GetProperty("result")));
        else each.GetProperty("result").GetProperty("ok").IsHexOf(BitConverter.GetBytes(sequence));
    }

    private static void CheckWitnessData(JsonElement each)
    {
        // No witness data at all: an empty branch under a root of ones.
        var value = each.GetProperty("value");
        var isNone = value.ValueKind == JsonValueKind.Null;
        var info = ClassicShares.Chain320[0].Share.Info with
        {
            TransactionIdBranch = isNone ? [] : value.Hashes("branch"),
            WitnessRoot = isNone ? Hash256.FromNumber(UInt256.MaxValue) : Hash256.FromNumber(UInt256.FromBigInteger(value.Decimal("wtxid_merkle_root"))),
        };
        var share = ClassicShares.Chain320[0].Share with { Info = info };
        var written = new ByteWriter();
        info.Write(written, share.Version);
        // Behind it in the info the transactions come, none here, then what is as it was.
        Assert.Contains(each.Text("hex"), Convert.ToHexStringLower(written.Written), StringComparison.Ordinal);
        Assert.Equal(isNone, new ShareCheck(KnownNetworks.VertcoinClassic).Check(share, UInt256.Zero).Fault == ShareFault.NoWitnessData);
    }

    private static string? ReadVarInt(byte[] bytes)
    {
        try
        {
            var reader = new ByteReader(bytes);
            var value = reader.VarInt();
            reader.End();
            return value.ToString(CultureInfo.InvariantCulture);
        }
        catch (WireFormatException)
        {
            return null;
        }
    }

    private static NetworkParameters Network(string name) => name == "mainnet" ? KnownNetworks.VertcoinClassic : KnownNetworks.VertcoinClassic with
    {
        Name = name is "testnet" or "regtest" ? name : throw new FormatException(name),
        Parent = KnownNetworks.VertcoinClassic.Parent with
        {
            PublicKeyHashVersion = 74, ScriptHashVersion = 196, Bech32Prefix = name == "testnet" ? "tvtc" : "rvtc",
        },
    };

    private static string? Ok(JsonElement result) => result.TryGetProperty("ok", out var ok) ? ok.GetString() : null;

    private static BigInteger HexNumber(string text) => BigInteger.Parse("0" + text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
