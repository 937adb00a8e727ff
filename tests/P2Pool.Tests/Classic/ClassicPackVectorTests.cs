using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Shares;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>live-1800/pack: the primitives of the running nodes' own code, and their addresses with every defect.</summary>
public class ClassicPackVectorTests
{
    private static readonly JsonElement Recorded = Vectors.Json("live-1800/pack.json").RootElement;

    [Fact]
    public void Payees_OfAnyVersion_HaveTheRecordedScriptsAndAddresses()
    {
        foreach (var each in Each("addresses", 99))
        {
            var network = Network(each.Text("net"));
            var payee = new KeyHash(each.Number("pubkey_hash"), each.GetProperty("version").GetByte());
            var script = KeyHashScript.Of(payee, network.Parent);
            Assert.Equal(Ok(each.GetProperty("script")), script is null ? null : Convert.ToHexStringLower(script.Value.AsSpan()));
            if (script is null) continue;

            Assert.Equal(Ok(each.GetProperty("script2_to_address")), ScriptAddress.Of(script.Value.AsSpan(), network));
            if (Ok(each.GetProperty("address")) is not { } address) continue;
            var back = each.GetProperty("address_to_pubkey_hash").GetProperty("ok");
            Assert.Equal(
                new KeyHash(UInt256.FromBigInteger(BigInteger.Parse(back[0].GetString()!, CultureInfo.InvariantCulture)), byte.Parse(back[1].GetString()!, CultureInfo.InvariantCulture)),
                KeyHashScript.Parse(address, network.Parent));
        }
    }

    [Fact]
    public void AddressTexts_Read_ArePayeesWhereTheNodesCanPackThem()
    {
        foreach (var each in Each("address_parse_main", 10))
        {
            var payee = KeyHashScript.Parse(each.Text("address"), KnownNetworks.VertcoinClassic.Parent);
            var packed = each.GetProperty("result").TryGetProperty("ok", out var result) ? Ok(result.GetProperty("packed160")) : null;
            Assert.Equal(packed, payee is { } read ? Convert.ToHexStringLower(read.ToBytes()) : null);
            if (payee is not { } named) continue;
            Assert.Equal((result.Number("pubkey_hash"), result.GetProperty("version").GetByte()), (named.Number, named.Version));
            Assert.Equal(Ok(result.GetProperty("script")), KeyHashScript.Of(named, KnownNetworks.VertcoinClassic.Parent) is { } script ? Convert.ToHexStringLower(script.AsSpan()) : null);
        }
    }

    [Fact]
    public void Targets_ReadAndMade_AreTheRecordedOnes()
    {
        foreach (var each in Each("floating_integer_from_target_upper_bound", 310))
        {
            var compact = CompactTarget.FromTargetUpperBound(each.Number("target"));
            Assert.Equal(each.Bits("bits"), compact);
            Assert.Equal(each.Hex("packed"), new ByteWriter().UInt32(compact.Bits).ToArray());
            Assert.Equal(each.Number("target_of_bits"), compact.ToTarget());
        }
        foreach (var each in Each("floating_integer_target_of_bits", 17))
        {
            var exact = HexNumber(each.Text("target"));
            Assert.Equal(BigInteger.Min(exact, UInt256.MaxValue.ToBigInteger()), each.Bits("bits").ToTarget().ToBigInteger());
            Assert.Equal(exact > UInt256.MaxValue.ToBigInteger(), each.Bits("bits").IsBeyondAnyHash);
        }
        foreach (var each in Each("target_to_average_attempts", 310))
            Assert.Equal(BigInteger.Min(each.Decimal("attempts"), UInt256.MaxValue.ToBigInteger()), Targets.AverageAttempts(each.Number("target")).ToBigInteger());
        foreach (var each in Each("average_attempts_to_target", 12))
            Assert.Equal(each.Number("target"), Targets.FromAttempts((double)each.Decimal("attempts")));
        foreach (var each in Each("difficulty_to_target_alt", 8))
            Assert.Equal(each.Number("target"), Targets.FromDifficulty(each.Real("difficulty") / each.GetProperty("modifier").GetInt32()));
        foreach (var each in Each("target_to_difficulty", 309))
        {
            // The nodes divide whole numbers and round once; here both are rounded before. It is only shown to people and miners.
            var (recorded, difficulty) = (each.Real("difficulty"), Targets.Difficulty(each.Number("target")));
            Assert.Equal(recorded, difficulty, recorded * 1e-15);
            Assert.Equal(each.Real("difficulty_alt16"), recorded * 16);
            Assert.Equal(each.Real("stratum_difficulty"), recorded * KnownNetworks.VertcoinClassic.Parent.MinerDifficultyFactor);
        }
    }

    [Fact]
    public void HashLinks_OfFronts_FinishToTheRecordedHashes()
    {
        var ending = GenerationTransaction.FrontEnding(KnownNetworks.VertcoinClassic);
        Assert.Equal(Recorded.Hex("gentx_before_refhash"), ending);
        Assert.Equal(Recorded.Hex("donation_script"), KnownNetworks.VertcoinClassic.DonationScript);
        foreach (var each in Each("hash_link", 15))
        {
            var front = each.Hex("prefix");
            var link = HashLink.Of(front);
            var packed = new ByteWriter();
            link.Write(packed);
            Assert.Equal(each.Hex("packed"), packed.ToArray());
            Assert.Equal(each.Hex("state"), packed.Written[..Sha256State.Size]);
            Assert.Equal(each.GetProperty("length").GetUInt64(), link.Length);
            Assert.Equal("", each.Text("extra_data"));
            Assert.Equal(each.Hash("double_sha256_int"), link.Finish(each.Hex("suffix"), ending));
        }
    }

    [Fact]
    public void MerkleTrees_OfLeaves_HaveTheRecordedRootsAndBranches()
    {
        foreach (var each in Each("merkle", 66))
        {
            var leaves = each.Hashes("hashes");
            Assert.Equal(each.GetProperty("n").GetInt32(), leaves.Length);
            Assert.Equal(each.Hash("root"), Merkle.Root(leaves.AsSpan()));
            if (each.GetProperty("index").GetInt32() != 0) continue; // No share has its coinbase elsewhere.
            var branch = Merkle.BranchOfFirst(leaves.AsSpan());
            Assert.Equal(each.Hashes("branch"), branch);
            Assert.Equal(each.Hash("check"), Merkle.Apply(leaves[0], branch.AsSpan()));
        }
        var most = Each("merkle", 66).Select(each => each.Hashes("hashes")).MaxBy(leaves => leaves.Length);
        foreach (var each in Each("merkle_link_with_None_first", 12).Where(each => each.GetProperty("n").GetInt32() <= most.Length))
            Assert.Equal(each.Hashes("branch"), Merkle.BranchOfFirst([Hash256.Zero, .. most[..each.GetProperty("n").GetInt32()]]));
    }

    [Fact]
    public void Numbers_WrittenAndRead_AreTheRecordedBytes()
    {
        var read = 0;
        foreach (var each in Each("int", 85))
        {
            if (each.GetProperty("bits").GetInt32() == 0) continue; // The index of a merkle link: no bytes at all.
            var (value, bytes) = (each.Decimal("value"), each.Hex("hex"));
            BigInteger? found = (each.GetProperty("bits").GetInt32(), each.Text("endian")) switch
            {
                (8, _) => new ByteReader(bytes).Byte(),
                (16, "little") => new ByteReader(bytes).UInt16(),
                (16, "big") => new ByteReader(bytes).UInt16BigEndian(),
                (32, "little") => new ByteReader(bytes).UInt32(),
                (64, "little") => new ByteReader(bytes).UInt64(),
                (128, "little") => ((UInt256)new ByteReader(bytes).UInt128()).ToBigInteger(),
                (160, "little") => KeyHash.Of(bytes, 0).Number.ToBigInteger(),
                (256, "little") => new ByteReader(bytes).Hash().ToNumber().ToBigInteger(),
                _ => null,
            };
            if (found is null) continue;
            Assert.Equal(value, found);
            read++;
        }
        Assert.True(read > 40, $"{read} numbers read");

        foreach (var each in Each("varint_write", 13)) Assert.Equal(each.Hex("hex"), new ByteWriter().VarInt((ulong)each.Decimal("value")).ToArray());
        foreach (var each in Each("varint_read", 15)) Assert.Equal(Ok(each.GetProperty("result")), ReadVarInt(each.Hex("hex")));
        foreach (var each in Each("varstr", 5))
        {
            Assert.Equal(each.Hex("hex"), new ByteWriter().VarString(each.Hex("value")).ToArray());
            Assert.Equal(each.Hex("value"), new ByteReader(each.Hex("hex")).VarString());
        }
        foreach (var each in Each("stale_info", 13)) Assert.Equal(Assert.Single(each.Hex("hex")), ChainVectorTests.Stale(each.GetProperty("value")));
        foreach (var each in Each("create_push_script", 16))
            if (each.GetProperty("datums") is var datums && datums.GetArrayLength() == 1 && uint.TryParse(datums[0].GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                Assert.Equal(each.Hex("hex"), CoinbaseScript.PushOf(number));
        foreach (var each in Each("parse_bip0034", 6))
        {
            // A negative height is none.
            var height = Ok(each.GetProperty("result")) is { } text && !text.StartsWith('-') ? uint.Parse(text, CultureInfo.InvariantCulture) : (uint?)null;
            Assert.Equal(height, CoinbaseScript.HeightOf(each.Hex("coinbase")));
        }
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
        Parent = KnownNetworks.VertcoinClassic.Parent with
        {
            PublicKeyHashVersion = 74, ScriptHashVersion = 196, Bech32Prefix = name == "testnet" ? "tvtc" : "rvtc",
        },
    };

    private static string? Ok(JsonElement result) => result.TryGetProperty("ok", out var ok) ? ok.GetString() : null;

    private static BigInteger HexNumber(string text) => BigInteger.Parse("0" + text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static IEnumerable<JsonElement> Each(string name, int count)
    {
        var list = Recorded.GetProperty(name);
        Assert.Equal(count, list.GetArrayLength());
        return list.EnumerateArray();
    }
}
