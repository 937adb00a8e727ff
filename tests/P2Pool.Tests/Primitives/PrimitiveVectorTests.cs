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

    [Fact]
    public void CompactTargets_MadeFromTargets_AreTheRecordedOnes()
    {
        foreach (var each in Each("compact_from_target_upper_bound", 32))
        {
            var compact = CompactTarget.FromTargetUpperBound(each.Number("target"));
            Assert.Equal(each.Bits("bits"), compact);
            Assert.Equal(each.Hex("bits_wire_bytes_hex"), new ByteWriter().UInt32(compact.Bits).ToArray());
            Assert.Equal(each.Number("decoded_target"), compact.ToTarget());
        }
    }

    [Fact]
    public void CompactTargets_Decoded_AreTheRecordedTargets()
    {
        foreach (var each in Each("compact_to_target", 17))
        {
            // For what exceeds 256 bits, which the reference keeps, the greatest number stands here: every hash is below either.
            var expected = BigInteger.Parse("0" + each.Text("target"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            Assert.Equal(BigInteger.Min(expected, UInt256.MaxValue.ToBigInteger()), each.Bits("bits").ToTarget().ToBigInteger());
        }
    }

    [Fact]
    public void AverageAttempts_OfTargets_AreTheRecordedOnes()
    {
        foreach (var each in Each("target_to_average_attempts", 9))
        {
            var expected = BigInteger.Parse("0" + each.Text("attempts"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            Assert.Equal(BigInteger.Min(expected, UInt256.MaxValue.ToBigInteger()), Targets.AverageAttempts(each.Number("target")).ToBigInteger());
        }
    }

    [Fact]
    public void Difficulties_OfTargets_AreTheRecordedDoubles()
    {
        foreach (var each in Each("target_to_difficulty", 7))
        {
            var target = each.Number("target");
            Assert.Equal(each.Real("difficulty"), Targets.Difficulty(target));
            Assert.Equal(
                each.Real("stratum_set_difficulty_x256"), Targets.Difficulty(target) * KnownNetworks.Vertcoin.Parent.MinerDifficultyFactor);
        }
    }

    [Fact]
    public void Targets_OfDifficultiesAndAttempts_AreTheRecordedOnes()
    {
        foreach (var each in Each("difficulty_to_target", 11)) Assert.Equal(each.Number("target"), Targets.FromDifficulty(each.Real("difficulty")));
        foreach (var each in Each("average_attempts_to_target", 9))
            Assert.Equal(each.Number("target"), Targets.FromAttempts(each.Real("average_attempts")));
    }

    [Fact]
    public void Heights_Pushed_AreTheRecordedScripts()
    {
        foreach (var each in Each("coinbase_height_push", 16))
        {
            var height = each.GetProperty("height").GetUInt32();
            Assert.Equal(each.Hex("script_hex"), CoinbaseScript.PushOf(height));
            // A share needs two bytes at least; only the first heights of a test chain are shorter.
            Assert.Equal(height <= 16 ? [.. each.Hex("script_hex"), 0] : each.Hex("script_hex"), CoinbaseScript.ForHeight(height));
        }
    }

    [Fact]
    public void VarInts_WrittenAndRead_AreTheRecordedBytes()
    {
        foreach (var each in Each("varint", 10))
        {
            var (value, bytes) = (ulong.Parse(each.Text("value"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), each.Hex("bytes_hex"));
            Assert.Equal(bytes, new ByteWriter().VarInt(value).ToArray());
            var reader = new ByteReader(bytes);
            Assert.Equal(value, reader.VarInt());
            reader.End();
        }
        foreach (var each in Each("varint_non_canonical", 5))
        {
            Assert.Equal("rejected", each.Text("result"));
            Assert.Throws<WireFormatException>(() => new ByteReader(each.Hex("bytes_hex")).VarInt());
        }
    }

    [Fact]
    public void MerkleTrees_OfLeaves_HaveTheRecordedRootsAndBranches()
    {
        foreach (var each in Each("merkle", 6))
        {
            var leaves = each.Hashes("leaves").AsSpan();
            Assert.Equal(each.Hash("root"), Merkle.Root(leaves));
            var branch = Merkle.BranchOfFirst(leaves);
            Assert.Equal(each.Hashes("branch_of_leaf_0"), branch);
            Assert.Equal(each.Hash("root_from_branch"), Merkle.Apply(leaves[0], branch.AsSpan()));
            Assert.Equal(branch, Merkle.BranchOfFirst([Hash256.Zero, .. leaves[1..]]));
        }
        Assert.Equal(Hash256.Zero, Merkle.Root([]));
    }

    [Fact]
    public void WitnessCommitments_OfRoots_AreTheRecordedScripts()
    {
        foreach (var each in Each("witness_commitment", 2))
            Assert.Equal(each.Hex("output_script_hex"), GenerationTransaction.WitnessCommitment(each.Hash("wtxid_merkle_root")));
    }

    [Fact]
    public void HashLinks_OfFronts_FinishToTheRecordedHashes()
    {
        var ending = Root.GetProperty("hash_link").Hex("const_ending_hex");
        foreach (var each in Root.GetProperty("hash_link").GetProperty("cases").EnumerateArray())
        {
            var link = HashLink.Of(each.Hex("prefix_bytes_hex"));
            var packed = new ByteWriter();
            link.Write(packed);
            Assert.Equal(each.Hex("packed_hex"), packed.ToArray());
            var reader = new ByteReader(packed.Written);
            Assert.Equal(link, HashLink.Read(ref reader));
            Assert.Equal(each.Hash("double_sha256"), link.Finish(each.Hex("appended_bytes_hex"), ending));
        }
    }

    private static IEnumerable<JsonElement> Each(string name, int count)
    {
        var list = Root.GetProperty(name);
        Assert.Equal(count, list.GetArrayLength());
        return list.EnumerateArray();
    }
}
