using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
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
        var network = TestNetworks.Recorded(json.RootElement.GetProperty("net"));
        var records = json.RootElement.GetProperty("shares").EnumerateArray().ToList();
        var shares = records.ConvertAll(record => Take(network, record));
        var chain = new SlowChain(network);
        foreach (var share in shares) chain.Add(share);

        var verification = new ShareVerification(network);
        var refused = 0;
        foreach (var (record, share) in records.Zip(shares))
        {
            var context = chain.ContextOf(share);
            var refusal = verification.Verify(share, context, record.GetProperty("clock_first_seen").GetInt64());
            Assert.Equal(record.GetProperty("verified_by_recording_node").GetBoolean(), refusal is null);
            if (refusal is not null) refused++;

            HasRecordedWeights(record.GetProperty("weights"), context);
            // Where the info is not what it should be, the recorded coinbase commits to what it should have been.
            if (record.GetProperty("share_info_matches").GetBoolean()) HasRecordedCoinbase(record, verification.Coinbase(share, context));
            HasRecordedNextShare(network, record.GetProperty("next_share"), chain.At(share.Hash, share.FullHeader.Bits), share);
        }
        Assert.NotEqual(0, refused);
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

        var info = share.Share.Info;
        var recorded = record.GetProperty("fields").GetProperty("share_info");
        var data = recorded.GetProperty("share_data");
        Assert.Equal(data.Text("address"), info.Address);
        Assert.Equal(data.Decimal("subsidy"), info.Subsidy);
        Assert.Equal(data.Decimal("donation"), info.Donation);
        Assert.Equal(ChainVectorTests.Stale(data.GetProperty("stale_info")), info.StaleInfo);
        Assert.Equal(data.Decimal("desired_version"), info.DesiredVersion);
        Assert.Equal(recorded.Decimal("absheight"), info.AbsoluteHeight);
        Assert.Equal(recorded.Decimal("abswork"), (BigInteger)info.AbsoluteWork);
        return share;
    }

    private static void HasRecordedWeights(JsonElement weights, ShareContext context)
    {
        Assert.Equal(weights.Decimal("total_weight"), context.Weights.Total.ToBigInteger());
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
