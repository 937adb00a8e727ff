using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Payouts;

public class PayoutWindowVectorTests
{
    /// <summary>The walker that the other golden tests lean on counts as the reference does.</summary>
    [Fact]
    public void SlowWeights_OverTheAbstractChain_AreTheRecordedOnes()
    {
        using var json = Vectors.Json("v35-weights.json");
        Check(json.RootElement.GetProperty("shares"), json.RootElement.GetProperty("queries"));
    }

    internal static void Check(JsonElement shares, JsonElement queries)
    {
        var read = Shares(shares);
        foreach (var query in queries.EnumerateArray()) CheckQuery(read, query);
    }

    internal static List<(string Address, BigInteger Attempts, ushort Donation)> Shares(JsonElement shares)
    {
        Assert.All(shares.EnumerateArray(), share => Assert.Equal(share.Number("average_attempts"), share.Bits("bits").AverageAttempts));
        return [.. shares.EnumerateArray().Select(share => (share.Text("address"), share.Number("average_attempts").ToBigInteger(), share.GetProperty("donation").GetUInt16()))];
    }

    internal static void CheckQuery(List<(string Address, BigInteger Attempts, ushort Donation)> shares, JsonElement query)
    {
        var window = shares.Take(query.GetProperty("start").GetInt32()).Reverse();
        var weights = SlowChain.Weights(window, query.GetProperty("max_shares").GetInt32(), query.Number("desired_weight").ToBigInteger());

        Assert.Equal(query.Number("total_weight"), weights.Total);
        Assert.Equal(
            query.GetProperty("weights").EnumerateObject().Select(each => (each.Name, UInt256.ParseHex(each.Value.GetString()))).OrderBy(each => each.Name, StringComparer.Ordinal),
            weights.Payees.Select(payee => (payee.Address, payee.Weight)));
        var donated = weights.Payees.Aggregate(weights.Total.ToBigInteger(), (rest, payee) => rest - payee.Weight.ToBigInteger());
        Assert.Equal(query.Number("donation_weight").ToBigInteger(), donated);
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
}
