using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Work;

public class DesiredTargetTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;

    [Fact]
    public void RecordedRates_GiveTheShareTargetsOfTheReference()
    {
        var recorded = Vectors.Json("v35-work.json").RootElement;
        Assert.All(recorded.GetProperty("share_target").EnumerateArray(), Check);
    }

    internal static void Check(JsonElement each)
    {
        var (rate, pool, subsidy) = (each.Real("address_hash_rate"), each.Real("pool_attempts_per_second"), each.GetProperty("block_subsidy").GetUInt64());
        var target = DesiredTarget.Choose(Network, On(subsidy, each.Bits("block_bits"), pool, 121), rate, null);
        Assert.Equal(each.Number("desired_share_target"), target);
        // The dust rule alone, as the reference reckons with its 256.
        var expected = each.Real("expected_payout_per_block");
        Assert.Equal(rate * 256 / pool * subsidy, expected);
        Assert.Equal(expected < Network.DustThreshold, each.GetProperty("below_dust_threshold").GetBoolean());
    }

    [Fact]
    public void UnknownMiner_OnAYoungChain_IsGivenTheEasiestTarget() =>
        Assert.Equal(UInt256.MaxValue, DesiredTarget.Choose(Network, On(1_250_000_000, new CompactTarget(0x1b0404cb), 2e7, 120), 0, null));

    [Fact]
    public void WishOfTheMiner_OutranksTheRule() =>
        Assert.Equal((UInt256)99, DesiredTarget.Choose(Network, On(1_250_000_000, new CompactTarget(0x1b0404cb), 2e7, 500), 1e6, (UInt256)99));

    private static WorkBase On(ulong value, CompactTarget bits, double poolRate, int height) => new(
        TemplateWork.Create(1, Hash256.Zero, 0, bits, 0, value, []),
        Hash256.Zero, 0, Network.MaxTarget, 1, 0, Hash256.Zero, PayoutWeights.Empty, StaleInfo.None, poolRate, height);
}
