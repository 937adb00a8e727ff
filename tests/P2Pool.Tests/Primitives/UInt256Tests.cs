using System.Numerics;
using CsCheck;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Primitives;

/// <summary>The number type against <see cref="BigInteger"/>, which is right and slow.</summary>
public class UInt256Tests
{
    private static readonly BigInteger Limit = BigInteger.One << 256;
    private static readonly Gen<UInt256> Numbers = Generators.UInt256;

    [Fact]
    public void Numbers_ToBytesTextAndBack_AreTheSame() => Numbers.Sample(number =>
    {
        var bytes = new byte[32];
        number.WriteLittleEndian(bytes);
        Assert.Equal(new BigInteger(bytes, isUnsigned: true), number.ToBigInteger());
        Assert.Equal(number, UInt256.FromLittleEndian(bytes));
        Assert.Equal(number, UInt256.FromBigInteger(number.ToBigInteger()));
        Assert.Equal(number, UInt256.ParseHex(number.ToString()));
        Assert.Equal(number, UInt256.ParseHex(number.ToBigInteger().ToString("x").TrimStart('0') is { Length: > 0 } text ? text : "0"));
        Assert.Equal((int)number.ToBigInteger().GetBitLength(), number.BitLength);
        Assert.Equal((double)number.ToBigInteger(), number.ToDouble(), (double)number.ToBigInteger() * 1e-15);
    });

    [Fact]
    public void Pairs_AddedSubtractedCompared_AreExactOrThrow() => Gen.Select(Numbers, Numbers).Sample((left, right) =>
    {
        var (a, b) = (left.ToBigInteger(), right.ToBigInteger());
        Agree(a + b, () => left + right);
        Agree(a - b, () => left - right);
        Assert.Equal(BigInteger.Min(a + b, Limit - 1), UInt256.AddSaturating(left, right).ToBigInteger());
        Assert.Equal(a.CompareTo(b), left.CompareTo(right));
        Assert.Equal((a < b, a <= b, a > b, a >= b, a == b), (left < right, left <= right, left > right, left >= right, left == right));
        Assert.Equal(BigInteger.Min(a, b), UInt256.Min(left, right).ToBigInteger());
        Assert.Equal(BigInteger.Max(a, b), UInt256.Max(left, right).ToBigInteger());
    });

    [Fact]
    public void Numbers_Multiplied_AreExactOrThrow() => Gen.Select(Numbers, Gen.ULong).Sample((left, right) =>
    {
        var product = left.ToBigInteger() * right;
        Agree(product, () => left * right);
        Assert.Equal(BigInteger.Min(product, Limit - 1), UInt256.MultiplySaturating(left, right).ToBigInteger());
    });

    [Fact]
    public void Pairs_Divided_GiveQuotientAndRemainder() => Gen.Select(Numbers, Numbers).Where((_, divisor) => !divisor.IsZero).Sample((dividend, divisor) =>
    {
        var quotient = BigInteger.DivRem(dividend.ToBigInteger(), divisor.ToBigInteger(), out var remainder);
        var result = UInt256.DivRem(dividend, divisor);
        Assert.Equal(quotient, result.Quotient.ToBigInteger());
        Assert.Equal(remainder, result.Remainder.ToBigInteger());
    }, iter: 20_000);

    // A quotient digit guessed too high, and one that must be added back, are rare among random numbers.
    [Fact]
    public void NearMultiples_Divided_GiveQuotientAndRemainder() => Gen.Select(Numbers, Numbers, Gen.Int[-2, 2])
        .Where((quotient, divisor, _) => !divisor.IsZero && quotient.ToBigInteger() * divisor.ToBigInteger() < Limit - 3)
        .Sample((quotient, divisor, off) =>
        {
            var dividend = BigInteger.Max(0, quotient.ToBigInteger() * divisor.ToBigInteger() + off);
            var expected = BigInteger.DivRem(dividend, divisor.ToBigInteger(), out var remainder);
            var result = UInt256.DivRem(UInt256.FromBigInteger(dividend), divisor);
            Assert.Equal(expected, result.Quotient.ToBigInteger());
            Assert.Equal(remainder, result.Remainder.ToBigInteger());
        });

    [Fact]
    public void PowerOf256_Divided_IsExactButForOne() => Numbers.Where(number => !number.IsZero).Sample(divisor =>
        Assert.Equal(BigInteger.Min(Limit / divisor.ToBigInteger(), Limit - 1), UInt256.DividePowerOf256(divisor).ToBigInteger()));

    [Fact]
    public void PowersOfTwo_DividingThePowerOf256_AreExact()
    {
        for (var bit = 1; bit < 256; bit++)
            Assert.Equal(BigInteger.One << (256 - bit), UInt256.DividePowerOf256(UInt256.One << bit).ToBigInteger());
    }

    [Fact]
    public void Numbers_Shifted_LoseWhatFallsOff() => Gen.Select(Numbers, Gen.Int[0, 300]).Sample((number, count) =>
    {
        Assert.Equal((number.ToBigInteger() << count) % Limit, (number << count).ToBigInteger());
        Assert.Equal(number.ToBigInteger() >> count, (number >> count).ToBigInteger());
    });

    // Two random numbers hardly ever come to so much.
    [Fact]
    public void SumBeyondTheGreatest_Throws_OrIsHeldOrWraps()
    {
        foreach (var (left, right) in new[] { (UInt256.MaxValue, UInt256.One), (UInt256.One << 255, UInt256.One << 255) })
        {
            Assert.Throws<OverflowException>(() => left + right);
            Assert.Equal(UInt256.MaxValue, UInt256.AddSaturating(left, right));
            Assert.Equal(UInt256.Zero, UInt256.AddWrapping(left, right));
        }
    }

    [Fact]
    public void NumberOutOfRange_TakenIn_Throws()
    {
        Assert.Throws<OverflowException>(() => UInt256.FromBigInteger(-1));
        Assert.Throws<OverflowException>(() => UInt256.FromBigInteger(Limit));
    }

    [Fact]
    public void DivisionByZero_Throws()
    {
        Assert.Throws<DivideByZeroException>(() => UInt256.DivRem(UInt256.One, UInt256.Zero));
        Assert.Throws<DivideByZeroException>(() => UInt256.DivRem(UInt256.Zero, UInt256.Zero));
    }

    [Fact]
    public void WideText_Read_Throws()
    {
        foreach (var text in new[] { "", new string('0', 65), "g", "-1", "0x1", " 1" })
            Assert.ThrowsAny<FormatException>(() => UInt256.ParseHex(text));
    }

    private static void Agree(BigInteger expected, Func<UInt256> operation)
    {
        if (expected.Sign >= 0 && expected < Limit) Assert.Equal(expected, operation().ToBigInteger());
        else Assert.Throws<OverflowException>(() => operation());
    }
}
