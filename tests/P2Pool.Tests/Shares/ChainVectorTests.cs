using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
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
    private static readonly JsonElement Root = Vectors.Json("v35-chain.json").RootElement;

    /// <summary>The records with the chain under each.</summary>
    internal static (JsonElement Record, ShareContext Context)[] Places { get; } = FindPlaces();

    [Fact]
    public void RecordedShares_OneByOne_AreWhatTheRecordsSay()
    {
        Assert.Equal(134, Places.Length);
        foreach (var (record, context) in Places) Check(record, context);
    }

    [Fact]
    public void RecordedConstants_AreThoseOfTheNetwork() => CheckConstants(Root.GetProperty("constants"));

    internal static void CheckConstants(JsonElement constants)
    {
        Assert.Equal(constants.Hex("identifier_hex"), Network.Identifier);
        Assert.Equal(constants.GetProperty("share_period").GetDouble(), Network.SharePeriod.TotalSeconds);
        Assert.Equal(constants.GetProperty("chain_length").GetInt32(), Network.ChainLength);
        Assert.Equal(constants.GetProperty("real_chain_length").GetInt32(), Network.ChainLength);
        Assert.Equal(constants.GetProperty("target_lookbehind").GetInt32(), Network.TargetLookbehind);
        Assert.Equal(constants.GetProperty("spread").GetInt32(), Network.SpreadBlocks);
        Assert.Equal(constants.Number("max_target"), Network.MaxTarget);
    }

    /// <summary>Everything a record says, from its own bytes and the chain under it.</summary>
    internal static void Check(JsonElement record, ShareContext context)
    {
        var wire = record.Hex("wire_share_hex");
        var result = new ShareCheck(Network).Check(WrappedShare.Parse(wire), StubProofOfWork.Hash);
        Assert.Null(result.Fault);
        var share = result.Share!;
        Assert.Equal(wire, share.Share.ToBytes());
        Assert.Equal(wire, share.WireBytes);
        CheckHashes(record, share);
        CheckFields(record.GetProperty("fields"), share.Share);
        CheckTemplate(record.GetProperty("template"), share.Share, context);
        CheckPlace(record, share, context);
    }

    private static void CheckHashes(JsonElement record, CheckedShare share)
    {
        Assert.Equal(record.Hash("share_hash"), share.Hash);
        Assert.Equal(record.Number("stub_pow_hash"), share.ProofOfWork);
        Assert.Equal(record.Hex("header_hex"), share.FullHeader.ToBytes());
        Assert.Equal(record.Hex("ref_hash_bytes_hex"), share.ReferenceHash.ToBytes());
        Assert.Equal(record.Hash("gentx_txid"), share.CoinbaseId);
        if (!record.TryGetProperty("share_info_hex", out _)) return;
        var info = new ByteWriter();
        share.Share.Info.Write(info, ShareVersionRules.Version35);
        Assert.Equal(record.Hex("share_info_hex"), info.ToArray());
    }

    private static void CheckFields(JsonElement fields, Share share)
    {
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
        if (!fields.TryGetProperty("coinbase_hex", out _)) return;

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

    // What its finder wished, and the transactions of the block.
    private static void CheckTemplate(JsonElement template, Share share, ShareContext context)
    {
        var info = share.Info;
        var expected = SharePlace.After(Network, context.Parent).Fields(
            template.Number("desired_share_target"), template.GetProperty("desired_timestamp").GetUInt32());
        Assert.Equal(new ExpectedFields(info.MaxBits, info.Bits, info.Timestamp, info.AbsoluteHeight, info.AbsoluteWork, info.FarShare), expected);
        Assert.Equal(template.Bits("block_bits"), share.Header.Bits);

        Transaction[] transactions =
            [.. template.GetProperty("other_transactions_hex").EnumerateArray().Select(hex => Transaction.Parse(Convert.FromHexString(hex.GetString()!)))];
        Hash256[] witnessIds = [Hash256.Zero, .. transactions.Select(transaction => transaction.WitnessId())];
        Assert.Equal(Merkle.BranchOfFirst([Hash256.Zero, .. transactions.Select(transaction => transaction.Id())]), info.TransactionIdBranch);
        Assert.Equal(Merkle.BranchOfFirst(witnessIds), share.FullHashBranch);
        Assert.Equal(Merkle.Root(witnessIds), info.WitnessRoot);
    }

    private static void CheckPlace(JsonElement record, CheckedShare share, ShareContext context)
    {
        var verification = new ShareVerification(Network);
        Assert.Equal(record.GetProperty("height_of_previous_share").GetInt32(), context.Parent?.Height ?? 0);
        Assert.Equal(record.GetProperty("index").GetInt32(), context.Parent?.Height ?? 0);
        Assert.Null(verification.Verify(share, context, share.Share.Info.Timestamp));

        var weights = record.GetProperty("weights");
        Assert.Equal(weights.Number("total"), context.Weights.Total);
        var donated = context.Weights.Payees.Aggregate(context.Weights.Total, (rest, payee) => rest - payee.Weight);
        Assert.Equal(weights.Number("donation"), donated);
        Assert.Equal(
            weights.GetProperty("by_address").EnumerateObject().Select(each => (each.Name, UInt256.ParseHex(each.Value.GetString()))).OrderBy(each => each.Name, StringComparer.Ordinal),
            context.Weights.Payees.Select(payee => (payee.Address, payee.Weight)));
        var coinbase = verification.Coinbase(share, context);
        if (record.TryGetProperty("gentx_stripped_hex", out _)) Assert.Equal(record.Hex("gentx_stripped_hex"), coinbase);
        if (record.TryGetProperty("gentx_outputs", out var outputs))
            Assert.Equal(
                outputs.EnumerateArray().Select(output => (output.GetProperty("value").GetUInt64(), output.Text("script_hex"))),
                Transaction.Parse(coinbase).Outputs.Select(output => (output.Value, Convert.ToHexStringLower(output.Script.AsSpan()))));
    }

    private static (JsonElement, ShareContext)[] FindPlaces()
    {
        var chain = new SlowChain(Network);
        return
        [
            .. Root.GetProperty("shares").EnumerateArray().Zip(ReferenceChain.Shares, (record, share) =>
            {
                var context = chain.ContextOf(share);
                chain.Add(share);
                return (record, context);
            }),
        ];
    }

    internal static byte Stale(JsonElement element) => element.ValueKind == JsonValueKind.Null ? StaleInfo.None : element.GetString() switch
    {
        "orphan" => StaleInfo.Orphan,
        "doa" => StaleInfo.Dead,
        var other => byte.Parse(other!.AsSpan("unk".Length)),
    };
}
