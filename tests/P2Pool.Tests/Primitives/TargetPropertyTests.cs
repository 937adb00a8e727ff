using System.Numerics;
using CsCheck;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Primitives;

public class TargetPropertyTests
{
    private static readonly BigInteger All = BigInteger.One << 256;

    [Fact]
    public void Target_MadeCompact_IsTheLargestCodeNotAbove() => Generators.UInt256.Sample(target =>
    {
        var compact = CompactTarget.FromTargetUpperBound(target);
        var decoded = compact.ToTarget();
        Assert.True(decoded <= target);
        Assert.Equal(compact, CompactTarget.FromTargetUpperBound(decoded));
        // One more in the mantissa would be above, unless the code has no room for it.
        if ((compact.Bits & 0xffffff) < 0x7fffff && compact.Bits >> 24 is >= 3 and <= 32)
            Assert.True(new CompactTarget(compact.Bits + 1).ToTarget() > target);
    });

    [Fact]
    public void AnyCode_Decoded_IsMantissaTimesPowerOf256OrTheGreatestNumber() => Gen.UInt.Sample(bits =>
    {
        var (exponent, mantissa) = ((int)(bits >> 24), new BigInteger(bits & 0xffffff));
        var expected = exponent < 3 ? mantissa >> (8 * (3 - exponent)) : mantissa << (8 * (exponent - 3));
        var compact = new CompactTarget(bits);
        Assert.Equal(BigInteger.Min(expected, All - 1), compact.ToTarget().ToBigInteger());
        Assert.Equal(expected >= All, compact.IsBeyondAnyHash);
        Assert.Equal(BigInteger.Min(All / (expected + 1), All - 1), compact.AverageAttempts.ToBigInteger());
    });

    [Theory]
    [InlineData(0x00ffffffu)]
    [InlineData(0x40000000u)]
    [InlineData(0xff000000u)]
    public void CodeOfNothing_Decoded_IsZeroWhateverItsExponent(uint bits)
    {
        Assert.Equal(UInt256.Zero, new CompactTarget(bits).ToTarget());
        Assert.False(new CompactTarget(bits).IsBeyondAnyHash);
        Assert.Equal(UInt256.MaxValue, new CompactTarget(bits).AverageAttempts);
    }

    [Fact]
    public void Difficulty_BeyondAllTargets_GivesTheLastOne()
    {
        Assert.Equal(UInt256.MaxValue, Targets.FromDifficulty(0));
        Assert.Equal(UInt256.MaxValue, Targets.FromDifficulty(1e-12));
        Assert.Equal(UInt256.Zero, Targets.FromDifficulty(1e80));
    }

    [Fact]
    public void Attempts_OfATarget_AreExactWhereTheyFit() => Generators.UInt256.Sample(target =>
    {
        var expected = BigInteger.Min(All / (target.ToBigInteger() + 1), All - 1);
        Assert.Equal(expected, Targets.AverageAttempts(target).ToBigInteger());
    });

    [Fact]
    public void Doubles_MadeTargets_AreExactlyTheFloorOfTheDouble() => Gen.Double[1e-5, 1e70].Sample(attempts =>
    {
        var expected = Math.Floor(Math.Pow(2, 256) / attempts - 1 + 0.5);
        var whole = double.IsInfinity(expected) ? All : new BigInteger(expected);
        Assert.Equal(BigInteger.Min(whole, All - 1), Targets.FromAttempts(attempts).ToBigInteger());
    });
}
