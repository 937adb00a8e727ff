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
        var (check, verification, chain) = (new ShareCheck(network), new ShareVerification(network), new SlowChain(network));
        foreach (var record in json.RootElement.GetProperty("shares").EnumerateArray())
        {
            var share = check.Check(WrappedShare.Parse(record.Hex("wire_share_hex")), StubProofOfWork.Hash).Share!;
            Assert.Equal(record.Hash("hash"), share.Hash);
            Assert.Equal(record.Hash("gentx_txid"), share.CoinbaseId);
            var context = chain.ContextOf(share);
            Assert.Equal(record.GetProperty("height_of_previous_share").GetInt32(), context.Parent?.Height ?? 0);
            Assert.Null(verification.Verify(share, context, share.Share.Info.Timestamp));
            Assert.Equal(share.CoinbaseId, Sha256.Double(verification.Coinbase(share, context)));
            chain.Add(share);
        }
    }
}
