using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>134 consecutive shares of the main network's rules, recorded from the reference modules with a stub for the proof of work.</summary>
public class ChainVectorTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly JsonElement[] Records = [.. Vectors.Json("v35-chain.json").RootElement.GetProperty("shares").EnumerateArray()];

    [Fact]
    public void RecordedShares_Parse_GiveTheSameBytesBack()
    {
        foreach (var record in Records)
        {
            var wire = record.Hex("wire_share_hex");
            Assert.Equal(wire, Share.ParseWrapped(wire).ToBytes());
        }
    }

    [Fact]
    public void RecordedShares_Checked_HaveTheRecordedHashes()
    {
        foreach (var (record, share) in Records.Zip(ReferenceChain.Shares))
        {
            Assert.Equal(record.Hash("share_hash"), share.Hash);
            Assert.Equal(record.Number("stub_pow_hash"), share.ProofOfWork);
            Assert.Equal(record.Hex("header_hex"), share.FullHeader.ToBytes());
            Assert.Equal(record.Hex("ref_hash_bytes_hex"), share.ReferenceHash.ToBytes());
            Assert.Equal(record.Hash("gentx_txid"), share.CoinbaseId);
            Assert.Equal(record.Hex("wire_share_hex"), share.WireBytes);
        }
    }

    [Fact]
    public void RecordedShares_Parsed_HaveTheRecordedFields()
    {
        var full = 0;
        foreach (var record in Records)
        {
            var share = Share.ParseWrapped(record.Hex("wire_share_hex"));
            var fields = record.GetProperty("fields");
            Assert.Equal(fields.Hash("previous_share_hash"), share.Info.PreviousShare);
            Assert.Equal(fields.Text("address"), share.Info.Address);
            Assert.Equal(fields.GetProperty("subsidy").GetUInt64(), share.Info.Subsidy);
            Assert.Equal(fields.GetProperty("donation").GetUInt16(), share.Info.Donation);
            Assert.Equal(Stale(fields.GetProperty("stale_info")), share.Info.StaleInfo);
            Assert.Equal(fields.GetProperty("desired_version").GetUInt64(), share.Info.DesiredVersion);
            Assert.Equal(fields.Hash("far_share_hash"), share.Info.FarShare);
            Assert.Equal(fields.Bits("max_bits"), share.Info.MaxBits);
            Assert.Equal(fields.Bits("bits"), share.Info.Bits);
            Assert.Equal(fields.GetProperty("timestamp").GetUInt32(), share.Info.Timestamp);
            Assert.Equal(fields.GetProperty("absheight").GetUInt32(), share.Info.AbsoluteHeight);
            Assert.Equal(fields.Number("abswork"), (UInt256)share.Info.AbsoluteWork);
            if (!fields.TryGetProperty("coinbase_hex", out _)) continue;

            full++;
            var state = new byte[32];
            share.Coinbase.State.CopyTo(state);
            Assert.Equal(fields.Hex("coinbase_hex"), share.Info.CoinbaseScript);
            Assert.Equal(fields.GetProperty("nonce").GetUInt32(), share.Info.Nonce);
            Assert.Equal(fields.Hashes("segwit_txid_branch"), share.Info.TransactionIdBranch);
            Assert.Equal(fields.Hash("segwit_wtxid_merkle_root"), share.Info.WitnessRoot);
            Assert.Equal(fields.Hashes("ref_merkle_branch"), share.ReferenceBranch);
            Assert.Equal(fields.Number("last_txout_nonce"), share.LastTxOutNonce);
            Assert.Equal(fields.Hex("hash_link_state_hex"), state);
            Assert.Equal(fields.GetProperty("hash_link_length").GetUInt64(), share.Coinbase.Length);
            Assert.Equal(fields.Hashes("merkle_link_branch"), share.FullHashBranch);
            Assert.Equal(fields.GetProperty("header_version").GetUInt32(), share.Header.Version);
            Assert.Equal(fields.Hash("header_previous_block"), share.Header.PreviousBlock);
            Assert.Equal(fields.GetProperty("header_timestamp").GetUInt32(), share.Header.Timestamp);
            Assert.Equal(fields.Bits("header_bits"), share.Header.Bits);
            Assert.Equal(fields.GetProperty("header_nonce").GetUInt32(), share.Header.Nonce);
        }
        Assert.True(full > 3);
    }

    [Fact]
    public void RecordedShares_AtTheirPlace_AreGoodAndHaveTheRecordedWeightsAndCoinbase()
    {
        var chain = new SlowChain(Network);
        var verification = new ShareVerification(Network);
        foreach (var (record, share) in Records.Zip(ReferenceChain.Shares))
        {
            var context = chain.ContextOf(share);
            Assert.Equal(record.GetProperty("height_of_previous_share").GetInt32(), context.Parent?.Height ?? 0);
            Assert.Null(verification.Verify(share, context, share.Share.Info.Timestamp));

            var weights = record.GetProperty("weights");
            Assert.Equal(weights.Number("total"), context.Weights.Total);
            Assert.Equal(
                weights.GetProperty("by_address").EnumerateObject().Select(each => (each.Name, UInt256.ParseHex(each.Value.GetString()))).OrderBy(each => each.Name, StringComparer.Ordinal),
                context.Weights.Payees.Select(payee => (payee.Address, payee.Weight)));
            if (record.TryGetProperty("gentx_stripped_hex", out _))
                Assert.Equal(record.Hex("gentx_stripped_hex"), verification.Coinbase(share, context));
            chain.Add(share);
        }
    }

    [Fact]
    public void RecordedWishes_AtTheirPlace_GiveTheRecordedFields()
    {
        var chain = new SlowChain(Network);
        foreach (var (record, share) in Records.Zip(ReferenceChain.Shares))
        {
            var template = record.GetProperty("template");
            var place = SharePlace.After(Network, chain.ContextOf(share).Parent);
            var expected = place.Fields(template.Number("desired_share_target"), template.GetProperty("desired_timestamp").GetUInt32());
            var info = share.Share.Info;
            Assert.Equal(
                new ExpectedFields(info.MaxBits, info.Bits, info.Timestamp, info.AbsoluteHeight, info.AbsoluteWork, info.FarShare), expected);
            chain.Add(share);
        }
    }

    internal static byte Stale(JsonElement element) => element.ValueKind == JsonValueKind.Null ? StaleInfo.None : element.GetString() switch
    {
        "orphan" => StaleInfo.Orphan,
        "doa" => StaleInfo.Dead,
        var other => byte.Parse(other!.AsSpan("unk".Length)),
    };
}
