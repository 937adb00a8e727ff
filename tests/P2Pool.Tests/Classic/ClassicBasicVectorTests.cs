using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
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

    [Fact]
    public void RecordedShares_Checked_HaveTheRecordedBytesAndHashes()
    {
        foreach (var record in Records)
        {
            var wire = record.Hex("wrapped_hex");
            var share = ClassicShares.Stubbed(wire);
            var writer = new ByteWriter();
            share.Share.Info.Write(writer, share.Share.Version);
            Assert.Equal(wire, share.WireBytes);
            Assert.Equal(wire, Share.ParseWrapped(wire).ToBytes());
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
                record.GetProperty("refs").EnumerateArray().Select(number => number.GetInt32()),
                info.Transactions.References.SelectMany(reference => new[] { reference.SharesBack, reference.Index }));
        }
    }

    [Fact]
    public void RecordedShares_AtTheirPlace_AreGoodAndHaveTheRecordedCoinbase()
    {
        var (chain, verification) = (new SlowChain(Network), new ShareVerification(Network));
        var transactions = Recorded.GetProperty("transactions").EnumerateArray().Select(transaction => transaction.Hash("full_hash")).ToList();
        foreach (var record in Records)
        {
            var share = ClassicShares.Stubbed(record.Hex("wrapped_hex"));
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
                record.GetProperty("transactions").EnumerateArray().Select(number => transactions[number.GetInt32()]),
                KnownTransactions.Under(context.Parent).Resolve(share.Share.Info.Transactions!)!.Value);
            chain.Add(share);
        }
    }

    [Fact]
    public void Payees_ReadAndScripted_GiveTheRecordedBytes()
    {
        foreach (var each in Recorded.GetProperty("addresses").GetProperty("cases").EnumerateArray())
        {
            var payee = KeyHashScript.Parse(each.Text("address"), Network.Parent)!.Value;
            Assert.Equal(each.GetProperty("version").GetByte(), payee.Version);
            Assert.Equal(each.Hex("wire_hex"), payee.ToBytes());
            Assert.Equal(payee, KeyHash.Of(each.Hex("wire_hex"), payee.Version));
            Assert.Equal(each.GetProperty("script_hex").GetString(), KeyHashScript.Of(payee, Network.Parent) is { } script ? Convert.ToHexStringLower(script.AsSpan()) : null);
        }
    }

    [Fact]
    public void Targets_ReadAndMade_AreTheRecordedOnes()
    {
        foreach (var each in Recorded.GetProperty("average_attempts").EnumerateArray())
            Assert.Equal(System.Numerics.BigInteger.Min(each.Decimal("attempts"), UInt256.MaxValue.ToBigInteger()), Targets.AverageAttempts(each.Number("target")).ToBigInteger());
        foreach (var each in Recorded.GetProperty("compact_from_target").EnumerateArray())
        {
            Assert.Equal(each.Bits("bits"), CompactTarget.FromTargetUpperBound(each.Number("target")));
            Assert.Equal(each.Number("back"), each.Bits("bits").ToTarget());
        }
        foreach (var each in Recorded.GetProperty("compact_to_target").EnumerateArray())
            Assert.Equal(each.Number("target"), each.Bits("bits").ToTarget());
        foreach (var each in Recorded.GetProperty("stratum").EnumerateArray())
        {
            var difficulty = Targets.Difficulty(each.Bits("bits").ToTarget()) * Network.Parent.MinerDifficultyFactor;
            Assert.Equal(each.GetProperty("difficulty").GetDouble(), difficulty, 1e-12);
        }
    }

    [Fact]
    public void MerkleTreesAndHashLinks_Computed_AreTheRecordedOnes()
    {
        foreach (var each in Recorded.GetProperty("merkle").EnumerateArray())
        {
            var (leaves, branch) = (each.Hashes("leaves"), each.Hashes("branch_index0"));
            Assert.Equal(each.Hash("root"), Merkle.Root(leaves.AsSpan()));
            Assert.Equal(branch, Merkle.BranchOfFirst([Hash256.Zero, .. leaves.Skip(1)]));
            Assert.Equal(each.Hash("root"), Merkle.Apply(leaves[0], branch.AsSpan()));
        }

        var links = Recorded.GetProperty("hash_link");
        var ending = links.Hex("E_hex");
        Assert.Equal(ending, GenerationTransaction.FrontEnding(Network));
        foreach (var each in links.GetProperty("cases").EnumerateArray())
        {
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
    }

    [Fact]
    public void SmallThings_Written_AreTheRecordedBytes()
    {
        foreach (var each in Recorded.GetProperty("coinbase_height_push").EnumerateArray())
            if (each.GetProperty("height").TryGetUInt32(out var height))
                Assert.Equal(each.Hex("hex"), CoinbaseScript.PushOf(height));
        foreach (var each in Recorded.GetProperty("varint").EnumerateArray())
        {
            var value = each.GetProperty("value").GetUInt64();
            Assert.Equal(each.Hex("hex"), new ByteWriter().VarInt(value).ToArray());
            Assert.Equal(value, new ByteReader(each.Hex("hex")).VarInt());
        }
        foreach (var bad in Recorded.GetProperty("varint_bad").EnumerateArray())
            Assert.Throws<WireFormatException>(() => new ByteReader(Convert.FromHexString(bad.GetString()!)).VarInt());
        foreach (var each in Recorded.GetProperty("transactions").EnumerateArray())
        {
            var transaction = Transaction.Parse(each.Hex("full_hex"));
            Assert.Equal(each.Hash("txid"), transaction.Id());
            Assert.Equal(each.Hash("full_hash"), transaction.WitnessId());
            Assert.Equal(each.Hex("full_hex"), transaction.ToBytes());
        }
        var commitment = GenerationTransaction.WitnessCommitment(Merkle.Root([]));
        Assert.Equal(Recorded.Hex("witness_commitment_empty_hex"), commitment[6..]);
    }
}
