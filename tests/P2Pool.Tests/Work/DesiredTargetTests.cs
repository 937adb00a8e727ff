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
        foreach (var each in Vectors.Json("v35-work.json").RootElement.GetProperty("share_target").EnumerateArray())
        {
            var work = On(each.GetProperty("block_subsidy").GetUInt64(), each.Bits("block_bits"), each.Real("pool_attempts_per_second"), 121);
            var target = DesiredTarget.Choose(Network, work, each.Real("address_hash_rate"), null);
            Assert.Equal(each.Number("desired_share_target"), target);
        }
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
