using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

public class SynchronisedShareTests
{
    /// <summary>300 shares of a network whose chain length, 120, cuts their payout windows.</summary>
    [Fact]
    public void SharesWithACutWindow_AtTheirPlace_AreGood()
    {
        using var json = Vectors.Json("v35-sync.json");
        var network = TestNetworks.Sync(json.RootElement.GetProperty("constants"));
        var chain = new SlowChain(network);
        foreach (var record in json.RootElement.GetProperty("shares").EnumerateArray()) chain.Add(Check(network, chain, record));
    }

    /// <summary>Everything a record says, from its own bytes and the chain under it.</summary>
    internal static CheckedShare Check(NetworkParameters network, SlowChain chain, JsonElement record)
    {
        var wire = record.Hex("wire_share_hex");
        var share = new ShareCheck(network).Check(WrappedShare.Parse(wire), StubProofOfWork.Hash).Share!;
        Assert.Equal(wire, share.Share.ToBytes());
        Assert.Equal(record.Hash("hash"), share.Hash);
        Assert.Equal(record.Hash("gentx_txid"), share.CoinbaseId);
        var info = share.Share.Info;
        // No rule looks at this branch, but it is over the transactions whose root the share commits to.
        Assert.Equal(info.WitnessRoot, Merkle.Apply(Hash256.Zero, share.Share.FullHashBranch.AsSpan()));
        Assert.Equal(record.Bits("max_bits"), info.MaxBits);
        Assert.Equal(record.Bits("bits"), info.Bits);
        Assert.Equal(record.GetProperty("timestamp").GetUInt32(), info.Timestamp);
        Assert.Equal(record.GetProperty("absheight").GetUInt32(), info.AbsoluteHeight);
        Assert.Equal(record.Number("abswork"), (UInt256)info.AbsoluteWork);

        var verification = new ShareVerification(network);
        var context = chain.ContextOf(share);
        Assert.Equal(record.GetProperty("height_of_previous_share").GetInt32(), context.Parent?.Height ?? 0);
        Assert.Null(verification.Verify(share, context, info.Timestamp));
        var coinbase = verification.Coinbase(share, context);
        Assert.Equal(share.CoinbaseId, Sha256.Double(coinbase));
        if (record.TryGetProperty("payouts", out var payouts))
            Assert.Equal(
                payouts.EnumerateArray().Select(payout => (payout[0].GetUInt64(), payout[1].GetString())),
                Transaction.Parse(coinbase).Outputs.Skip(1).SkipLast(1).Select(output => (output.Value, (string?)Convert.ToHexStringLower(output.Script.AsSpan()))));
        return share;
    }
}
