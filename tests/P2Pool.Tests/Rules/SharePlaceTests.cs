using System.Numerics;
using CsCheck;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Tests.Primitives;

namespace Grainpool.P2Pool.Tests.Rules;

public class SharePlaceTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;

    /// <summary>The target rule in unbounded numbers, as the specification has it.</summary>
    [Fact]
    public void MaxTarget_AfterAnyParent_IsThatOfTheRule() => Gen.Select(
        Generators.UInt256, Generators.UInt256, Gen.UInt, Gen.UInt, Gen.Int[1, 60], Gen.Int[0, 256], Gen.Int[200, 256]).Sample(
        (parentTarget, work, timestamp, farTimestamp, period, minBits, maxBits) =>
        {
            var network = Network with
            {
                SharePeriod = TimeSpan.FromSeconds(period),
                MinTarget = minBits == 0 ? UInt256.Zero : UInt256.MaxValue >> (256 - Math.Min(minBits, maxBits)),
                MaxTarget = UInt256.MaxValue >> (256 - maxBits),
            };
            var parent = Parent(network.TargetLookbehind, timestamp, parentTarget, new RateWindow(work, farTimestamp));

            var all = BigInteger.One << 256;
            var elapsed = BigInteger.Max(1, (BigInteger)timestamp - farTimestamp);
            var rate = work.ToBigInteger() / elapsed;
            var aim = rate.IsZero ? all - 1 : all / (period * rate) - 1;
            var target = parentTarget.ToBigInteger();
            var (least, most) = (target * 9 / 10, target * 11 / 10);
            var near = aim < least ? least : aim > most ? most : aim;
            var expected = BigInteger.Min(BigInteger.Max(near, network.MinTarget.ToBigInteger()), network.MaxTarget.ToBigInteger());
            Assert.Equal(expected, SharePlace.After(network, parent).MaxTarget.ToBigInteger());
        }, iter: 5000);

    /// <summary>Three is nine tenths of four.</summary>
    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 4)]
    [InlineData(6, 5)]
    public void MaxTarget_AtAnyRate_IsNoHarderThanTheClassicNetworkAllows(ulong parentTarget, ulong expected)
    {
        var network = KnownNetworks.VertcoinClassic;
        var parent = Parent(network.TargetLookbehind, 2, parentTarget, new RateWindow(UInt256.MaxValue, 1));
        Assert.Equal((UInt256)expected, SharePlace.After(network, parent).MaxTarget);
    }

    // 2^256 itself has no place in 256 bits; the target is one less, and has.
    [Fact]
    public void MaxTarget_AtOneAttemptAPeriod_IsTheGreatestNumberWhereTheNetworkAllowsIt()
    {
        var network = Network with { SharePeriod = TimeSpan.FromSeconds(1), MaxTarget = UInt256.MaxValue };
        var parent = Parent(network.TargetLookbehind, 2, UInt256.MaxValue, new RateWindow(UInt256.One, 1));
        Assert.Equal(UInt256.MaxValue, SharePlace.After(network, parent).MaxTarget);
    }

    [Fact]
    public void FirstShareOfAChain_MayBeAsEasyAsTheNetworkAllows()
    {
        var fields = SharePlace.After(Network, null).Fields(UInt256.MaxValue, 1234);
        Assert.Equal(new ExpectedFields(new CompactTarget(0x1e0fffff), new CompactTarget(0x1e0fffff), 1234, 1, 0x100001, Hash256.Zero), fields);
    }

    [Fact]
    public void LowParent_NeedsNoRateWindow() =>
        Assert.Equal(Network.MaxTarget, SharePlace.After(Network, Parent(99, 1, UInt256.One, null)).MaxTarget);

    [Fact]
    public void HighParent_WithoutRateWindow_IsABrokenProgram() =>
        Assert.Throws<ArgumentException>(() => SharePlace.After(Network, Parent(100, 1, UInt256.One, null)));

    [Fact]
    public void Counters_AtTheirEnd_WrapAround()
    {
        var parent = Parent(1, 5, Network.MaxTarget, null) with { AbsoluteHeight = uint.MaxValue, AbsoluteWork = UInt128.MaxValue };
        var fields = SharePlace.After(Network, parent).Fields(UInt256.Zero, 0);
        Assert.Equal(0u, fields.AbsoluteHeight);
        Assert.Equal(fields.Bits.AverageAttempts.ToUInt128Wrapping() - 1, fields.AbsoluteWork);
        Assert.Equal(6L, fields.Timestamp);
        Assert.Equal(new CompactTarget(0x1e008888), fields.Bits);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(35)]
    public void Time_AfterTheLastSecond_CannotBeToldByAnyShare(ulong version)
    {
        var place = SharePlace.After(Network, ShareVersionRules.Find(version)!, Parent(1, uint.MaxValue, Network.MaxTarget, null));
        Assert.Equal(uint.MaxValue + 1L, place.Fields(Network.MaxTarget, uint.MaxValue).Timestamp);
    }

    [Theory]
    [InlineData(1_000, 1_000, 1_001)]
    [InlineData(1_000, 1_028, 1_028)]
    [InlineData(1_000, 1_029, 1_029)]
    [InlineData(1_000, 1_030, 1_029)]
    [InlineData(uint.MaxValue - 5, uint.MaxValue, uint.MaxValue)]
    public void Time_OnTheClassicNetwork_IsAtMostTwoPeriodsLessASecondAfterTheParents(uint parent, uint wished, long expected)
    {
        var network = KnownNetworks.VertcoinClassic;
        Assert.Equal(expected, SharePlace.After(network, Parent(1, parent, network.MaxTarget, null)).Fields(network.MaxTarget, wished).Timestamp);
    }

    private static ParentView Parent(int height, uint timestamp, UInt256 maxTarget, RateWindow? rate) =>
        new(Hash256.Zero, height, timestamp, maxTarget, 1, 1, rate, Hash256.Zero);
}
