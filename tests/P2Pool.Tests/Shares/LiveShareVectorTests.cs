using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>
/// Every share seen on two running networks with real proof of work (whose hashes are recorded): forks, odd but valid shares, and hand-made bad
/// ones. The whole forest is held; each share is judged at its place by the clock that saw it first.
/// </summary>
public class LiveShareVectorTests
{
    [Theory]
    [InlineData("live-3501/shares-mini.json")]
    [InlineData("live-3501/shares-mini120.json")]
    public void LiveShares_TakenInAgain_AgreeWithTheNodesInEverything(string file)
    {
        using var json = Vectors.Json(file);
        var (network, chain, records) = Hold(json.RootElement);
        Assert.NotEqual(0, records.Count(record => Check(network, chain, record) is not null));
    }

    /// <summary>The network, a chain that holds all shares, and the records.</summary>
    internal static (NetworkParameters Network, SlowChain Chain, List<JsonElement> Records) Hold(JsonElement root)
    {
        var network = TestNetworks.Recorded(root.GetProperty("net"));
        var records = root.GetProperty("shares").EnumerateArray().ToList();
        var chain = new SlowChain(network);
        foreach (var record in records) chain.Add(Take(network, record));
        return (network, chain, records);
    }

    /// <summary>Everything a record says, from its own bytes and the chain under it. Answers why it is refused, if it is.</summary>
    internal static ShareRefusal? Check(NetworkParameters network, SlowChain chain, JsonElement record)
    {
        var share = Take(network, record);
        var verification = new ShareVerification(network);
        var context = chain.ContextOf(share);
        var refusal = verification.Verify(share, context, record.GetProperty("clock_first_seen").GetInt64());
        Assert.Equal(record.GetProperty("verified_by_recording_node").GetBoolean(), refusal is null);
        if (record.GetProperty("verified_by_recording_node").GetBoolean()) Assert.True(record.GetProperty("checked").GetBoolean());

        HasRecordedWeights(record.GetProperty("weights"), context);
        Assert.Equal(record.GetProperty("weights").Hash("start"), context.Parent is { } parent ? chain[parent.Hash].PreviousShare : Hash256.Zero);
        var window = PayoutWindow.Above(network, context.Parent?.Height ?? 0, share.FullHeader.Bits);
        Assert.Equal(record.GetProperty("weights").GetProperty("max_shares").GetInt32(), window.MostShares);
        Assert.Equal(record.GetProperty("weights").Decimal("desired_weight"), 65535 * window.MostAttempts.ToBigInteger());
        // Where the info is not what it should be, the recorded coinbase commits to what it should have been.
        if (record.GetProperty("share_info_matches").GetBoolean()) HasRecordedCoinbase(record, verification.Coinbase(share, context));
        HasRecordedNextShare(network, record.GetProperty("next_share"), chain.At(share.Hash, share.FullHeader.Bits), share);
        return refusal;
    }

    private static CheckedShare Take(NetworkParameters network, JsonElement record)
    {
        var wire = record.Hex("packed");
        Assert.Equal(wire, Share.ParseWrapped(wire).ToBytes());

        var result = new ShareCheck(network).Check(WrappedShare.Parse(wire), record.Number("pow_hash"));
        Assert.Null(result.Fault);
        var share = result.Share!;
        Assert.Equal(record.Hash("hash"), share.Hash);
        Assert.Equal(record.Hex("header"), share.FullHeader.ToBytes());
        Assert.Equal(record.Hex("ref_hash"), share.ReferenceHash.ToBytes());
        Assert.Equal(record.Hash("gentx_txid"), share.CoinbaseId);
        Assert.Equal(record.Hex("new_script"), share.Payee);
        Assert.Equal(record.Number("target"), share.Target);
        Assert.Equal(record.Number("max_target"), share.MaxTarget);
        Assert.Equal(record.Decimal("attempts"), share.Attempts.ToBigInteger());
        Assert.Equal(record.Decimal("min_attempts"), share.MaxTargetAttempts.ToBigInteger());
        Assert.Equal(record.GetProperty("is_block_solution").GetBoolean(), share.SolvesBlock);

        Assert.Equal(record.Hash("merkle_root"), share.FullHeader.MerkleRoot);
        Assert.Equal(record.Decimal("block_attempts"), share.FullHeader.Bits.AverageAttempts.ToBigInteger());
        Assert.Equal(record.GetProperty("type").GetInt32(), share.Share.Version.Number);
        var packed = new ByteWriter().Bytes(network.Identifier.AsSpan());
        share.Share.Info.Write(packed, ShareVersionRules.Version35);
        Assert.Equal(record.Hex("ref_packed"), packed.ToArray());
        HasRecordedFields(record.GetProperty("fields"), share.Share);
        return share;
    }

    private static void HasRecordedFields(JsonElement fields, Share share)
    {
        var state = new byte[Sha256State.Size];
        share.Coinbase.State.CopyTo(state);
        Assert.Equal(fields.GetProperty("hash_link").Hex("state"), state);
        Assert.Equal(fields.GetProperty("hash_link").Decimal("length"), share.Coinbase.Length);
        Assert.Empty(fields.GetProperty("hash_link").Text("extra_data"));
        Assert.Equal(fields.Decimal("last_txout_nonce"), share.LastTxOutNonce);
        HasRecordedBranch(fields.GetProperty("merkle_link"), share.FullHashBranch);
        HasRecordedBranch(fields.GetProperty("ref_merkle_link"), share.ReferenceBranch);

        var header = fields.GetProperty("min_header");
        Assert.Equal(
            new ShareHeader(
                header.GetProperty("version").GetUInt32(),
                header.Hash("previous_block"),
                header.GetProperty("timestamp").GetUInt32(),
                header.Bits("bits"),
                header.GetProperty("nonce").GetUInt32()),
            share.Header);

        var info = share.Info;
        var recorded = fields.GetProperty("share_info");
        var segwit = recorded.GetProperty("segwit_data");
        HasRecordedBranch(segwit.GetProperty("txid_merkle_link"), info.TransactionIdBranch);
        Assert.Equal(segwit.Hash("wtxid_merkle_root"), info.WitnessRoot);
        Assert.Equal(recorded.Hash("far_share_hash"), info.FarShare);
        Assert.Equal(recorded.Bits("max_bits"), info.MaxBits);
        Assert.Equal(recorded.Bits("bits"), info.Bits);
        Assert.Equal(recorded.GetProperty("timestamp").GetUInt32(), info.Timestamp);
        var data = recorded.GetProperty("share_data");
        Assert.Equal(data.Hash("previous_share_hash"), info.PreviousShare);
        Assert.Equal(data.Hex("coinbase"), info.CoinbaseScript);
        Assert.Equal(data.GetProperty("nonce").GetUInt32(), info.Nonce);
        Assert.Equal(data.Text("address"), info.Address);
        Assert.Equal(data.Decimal("subsidy"), info.Subsidy);
        Assert.Equal(data.Decimal("donation"), info.Donation);
        Assert.Equal(ChainVectorTests.Stale(data.GetProperty("stale_info")), info.StaleInfo);
        Assert.Equal(data.Decimal("desired_version"), info.DesiredVersion);
        Assert.Equal(recorded.Decimal("absheight"), info.AbsoluteHeight);
        Assert.Equal(recorded.Decimal("abswork"), (BigInteger)info.AbsoluteWork);
    }

    private static void HasRecordedBranch(JsonElement link, IEnumerable<Hash256> branch)
    {
        Assert.Equal(link.Hashes("branch"), branch);
        Assert.Equal(0, link.GetProperty("index").GetInt32());
    }

    private static void HasRecordedWeights(JsonElement weights, ShareContext context)
    {
        Assert.Equal(weights.Decimal("total_weight"), context.Weights.Total.ToBigInteger());
        Assert.Equal(
            weights.Decimal("donation_weight"),
            context.Weights.Payees.Aggregate(context.Weights.Total, (rest, payee) => rest - payee.Weight).ToBigInteger());
        var payees = weights.GetProperty("weights");
        Assert.Equal(payees.EnumerateObject().Count(), context.Weights.Payees.Length);
        foreach (var payee in context.Weights.Payees) Assert.Equal(payees.Decimal(payee.Address), payee.Weight.ToBigInteger());
    }

    private static void HasRecordedCoinbase(JsonElement record, byte[] coinbase)
    {
        var transaction = Transaction.Parse(coinbase);
        Assert.Equal(record.Hex("gentx_stripped"), coinbase);
        Assert.Equal(record.Hex("gentx_full"), GenerationTransaction.WithWitness(transaction).ToBytes());
        Assert.Equal(
            record.GetProperty("gentx_outputs").EnumerateArray().Select(output => (output.GetProperty("value").GetUInt64(), output.Text("script"))),
            transaction.Outputs.Select(output => (output.Value, Convert.ToHexStringLower(output.Script.AsSpan()))));
    }

    private static void HasRecordedNextShare(NetworkParameters network, JsonElement wishes, ShareContext context, CheckedShare parent)
    {
        var place = SharePlace.After(network, context.Parent);
        foreach (var wish in wishes.EnumerateObject().Select(each => each.Value))
        {
            var fields = place.Fields(wish.Number("desired_target"), parent.Share.Info.Timestamp + 7);
            Assert.Equal(wish.Bits("max_bits"), fields.MaxBits);
            Assert.Equal(wish.Bits("bits"), fields.Bits);
            Assert.Equal(wish.GetProperty("timestamp_for_desired_7_later").GetUInt32(), fields.Timestamp);
            Assert.Equal(wish.Decimal("absheight"), fields.AbsoluteHeight);
            Assert.Equal(wish.Decimal("abswork"), (BigInteger)fields.AbsoluteWork);
            Assert.Equal(wish.Hash("far_share_hash"), fields.FarShare);
        }
    }
}
