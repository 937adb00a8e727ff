using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Payouts;

/// <summary>v35-weights: windows cut out of an abstract chain by a number of shares and by work.</summary>
public class PayoutWindowVectorTests
{
    [Fact]
    public void Windows_OverTheAbstractChain_WeighAsRecorded()
    {
        using var json = Vectors.Json("v35-weights.json");
        Assert.Equal(125, json.RootElement.GetProperty("queries").GetArrayLength());
        Check(json.RootElement.GetProperty("shares"), json.RootElement.GetProperty("queries"));
    }

    internal static void Check(JsonElement shares, JsonElement queries)
    {
        var windows = new Windows(shares);
        foreach (var query in queries.EnumerateArray()) windows.Check(query);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(2880, 2879)]
    [InlineData(9000, 2879)]
    public void Window_AboveAParent_HoldsOneShareLessThanThereAre(int height, int most)
    {
        var window = PayoutWindow.Above(KnownNetworks.Vertcoin, height, new CompactTarget(0x1b0404cb));
        Assert.Equal(most, window.MostShares);
        Assert.Equal(BigInteger.Multiply(12, 0x3fb3ab764c00), window.MostAttempts.ToBigInteger());
    }

    /// <summary>The recorded shares in a forest, and windows that are slid from one query to the next.</summary>
    internal sealed class Windows
    {
        private readonly ShareForest _forest = new();
        private readonly PayoutWindows _slid = new(KnownNetworks.Vertcoin);

        public Windows(JsonElement shares)
        {
            foreach (var share in shares.EnumerateArray())
            {
                Assert.Equal(share.Number("average_attempts"), share.Bits("bits").AverageAttempts);
                var id = share.GetProperty("id").GetInt32();
                _forest.Add(MadeShare.Of(id, id - 1, bits: share.Bits("bits"), address: share.Text("address"), donation: share.GetProperty("donation").GetUInt16()));
            }
        }

        /// <summary>Weighs one window summed up anew, slid to, and walked as the test double does on which other golden tests lean.</summary>
        public void Check(JsonElement query)
        {
            var start = _forest.Find(MadeShare.Hash(query.GetProperty("start").GetInt32()))!;
            var (attempts, rest) = BigInteger.DivRem(query.Number("desired_weight").ToBigInteger(), NetworkParameters.FullDonation);
            // The nodes work the limit out in weight, always from whole attempts.
            Assert.Equal(BigInteger.Zero, rest);
            var window = new PayoutWindow(query.GetProperty("max_shares").GetInt32(), UInt256.FromBigInteger(attempts));

            Compare(query, PayoutWindows.Sum(start, window));
            Compare(query, _slid.Weigh(start, window));
            Compare(query, SlowChain.Weights(start.Line().Select(node => node.Share), window.MostShares, query.Number("desired_weight").ToBigInteger()));
        }

        private static void Compare(JsonElement query, PayoutWeights weights)
        {
            Assert.Equal(query.Number("total_weight"), weights.Total);
            Assert.Equal(
                query.GetProperty("weights").EnumerateObject().Select(each => (each.Name, UInt256.ParseHex(each.Value.GetString()))).OrderBy(each => each.Name, StringComparer.Ordinal),
                weights.Payees.Select(payee => (payee.Address, payee.Weight)));
            var donated = weights.Payees.Aggregate(weights.Total.ToBigInteger(), (rest, payee) => rest - payee.Weight.ToBigInteger());
            Assert.Equal(query.Number("donation_weight").ToBigInteger(), donated);
        }
    }
}
