using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Grainpool.P2Pool.Primitives;

/// <summary>An unsigned 256-bit number: targets, proof-of-work values, sums of work.</summary>
/// <remarks>Arithmetic is exact or says so: the operators throw <see cref="OverflowException"/>, the named methods saturate.</remarks>
public readonly struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>
{
    private readonly ulong _0, _1, _2, _3;

    /// <summary>A number from its four 64-bit words, most significant first.</summary>
    public UInt256(ulong high, ulong upper, ulong lower, ulong low) => (_3, _2, _1, _0) = (high, upper, lower, low);

    /// <summary>0.</summary>
    public static UInt256 Zero => default;

    /// <summary>1.</summary>
    public static UInt256 One => new(0, 0, 0, 1);

    /// <summary>2^256 − 1.</summary>
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether this is 0.</summary>
    public bool IsZero => (_0 | _1 | _2 | _3) == 0;

    /// <summary>How many bits the number needs; 0 for 0.</summary>
    public int BitLength =>
        _3 != 0 ? 256 - BitOperations.LeadingZeroCount(_3)
        : _2 != 0 ? 192 - BitOperations.LeadingZeroCount(_2)
        : _1 != 0 ? 128 - BitOperations.LeadingZeroCount(_1)
        : 64 - BitOperations.LeadingZeroCount(_0);

    /// <summary>The number in 32 little-endian bytes.</summary>
    public static UInt256 FromLittleEndian(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes));

    /// <summary>Writes 32 little-endian bytes.</summary>
    public void WriteLittleEndian(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, _0);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], _1);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], _2);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], _3);
    }

    /// <summary>The number written in hex, most significant digit first, at most 64 digits.</summary>
    /// <exception cref="FormatException">Not hex, or too long.</exception>
    public static UInt256 ParseHex(ReadOnlySpan<char> hex)
    {
        if (hex.Length is 0 or > 64) throw new FormatException($"a 256-bit number has 1 to 64 hex digits, not {hex.Length}");
        Span<char> padded = stackalloc char[64];
        padded.Fill('0');
        hex.CopyTo(padded[(64 - hex.Length)..]);
        return new UInt256(Word(padded[..16]), Word(padded[16..32]), Word(padded[32..48]), Word(padded[48..]));

        static ulong Word(ReadOnlySpan<char> digits) => ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>The same number without a bound.</summary>
    public BigInteger ToBigInteger()
    {
        Span<byte> bytes = stackalloc byte[32];
        WriteLittleEndian(bytes);
        return new BigInteger(bytes, isUnsigned: true);
    }

    /// <summary>The number, if it is within 0 .. 2^256 − 1.</summary>
    /// <exception cref="OverflowException">It is not.</exception>
    public static UInt256 FromBigInteger(BigInteger value)
    {
        Span<byte> bytes = stackalloc byte[32];
        bytes.Clear();
        if (!value.TryWriteBytes(bytes, out _, isUnsigned: true)) throw new OverflowException("not a 256-bit unsigned number");
        return FromLittleEndian(bytes);
    }

    /// <summary>The nearest double; for display and rates, never for consensus.</summary>
    public double ToDouble() => _3 * Math.Pow(2, 192) + _2 * Math.Pow(2, 128) + _1 * Math.Pow(2, 64) + _0;

    /// <summary>The low 128 bits.</summary>
    public UInt128 ToUInt128Wrapping() => new(_1, _0);

    /// <summary>The sum, or <see cref="MaxValue"/> when it would not fit.</summary>
    public static UInt256 AddSaturating(UInt256 left, UInt256 right) => TryAdd(left, right, out var sum) ? sum : MaxValue;

    /// <summary>The sum modulo 2^256.</summary>
    public static UInt256 AddWrapping(UInt256 left, UInt256 right)
    {
        TryAdd(left, right, out var sum);
        return sum;
    }

    /// <summary>The difference modulo 2^256.</summary>
    public static UInt256 SubtractWrapping(UInt256 left, UInt256 right)
    {
        var low = Subtract(left._0, right._0, 0, out var borrow);
        var lower = Subtract(left._1, right._1, borrow, out borrow);
        var upper = Subtract(left._2, right._2, borrow, out borrow);
        return new UInt256(unchecked(left._3 - right._3 - borrow), upper, lower, low);
    }

    /// <summary>The product, or <see cref="MaxValue"/> when it would not fit.</summary>
    public static UInt256 MultiplySaturating(UInt256 left, ulong right) => TryMultiply(left, right, out var product) ? product : MaxValue;

    /// <summary>Quotient and remainder.</summary>
    /// <exception cref="DivideByZeroException">The divisor is 0.</exception>
    public static (UInt256 Quotient, UInt256 Remainder) DivRem(UInt256 dividend, UInt256 divisor)
    {
        if (dividend < divisor) return (Zero, dividend);
        if ((divisor._3 | divisor._2 | divisor._1) == 0) return DivRemWord(dividend, divisor._0);
        return DivRemLong(dividend, divisor);
    }

    /// <summary>2^256 div <paramref name="divisor"/>, or <see cref="MaxValue"/> for a divisor of 1, whose quotient needs one bit more.</summary>
    public static UInt256 DividePowerOf256(UInt256 divisor)
    {
        if (divisor == One) return MaxValue;
        // 2^256 = MaxValue + 1: the quotient differs from MaxValue's only when MaxValue leaves divisor − 1 behind.
        var (quotient, remainder) = DivRem(MaxValue, divisor);
        return remainder == divisor - One ? quotient + One : quotient;
    }

    /// <inheritdoc/>
    public static UInt256 operator +(UInt256 left, UInt256 right) => TryAdd(left, right, out var sum) ? sum : throw new OverflowException();

    /// <inheritdoc/>
    public static UInt256 operator -(UInt256 left, UInt256 right)
    {
        if (left < right) throw new OverflowException();
        var low = Subtract(left._0, right._0, 0, out var borrow);
        var lower = Subtract(left._1, right._1, borrow, out borrow);
        var upper = Subtract(left._2, right._2, borrow, out borrow);
        return new UInt256(left._3 - right._3 - borrow, upper, lower, low);
    }

    /// <inheritdoc/>
    public static UInt256 operator *(UInt256 left, ulong right) => TryMultiply(left, right, out var product) ? product : throw new OverflowException();

    /// <inheritdoc/>
    public static UInt256 operator /(UInt256 left, UInt256 right) => DivRem(left, right).Quotient;

    /// <inheritdoc/>
    public static UInt256 operator /(UInt256 left, ulong right) => DivRem(left, right).Quotient;

    /// <inheritdoc/>
    public static UInt256 operator <<(UInt256 value, int count)
    {
        Span<ulong> words = [value._0, value._1, value._2, value._3];
        Span<ulong> shifted = stackalloc ulong[4];
        shifted.Clear();
        var (whole, part) = Math.DivRem(count, 64);
        for (var i = 3; i >= whole; i--)
            shifted[i] = words[i - whole] << part | (part > 0 && i > whole ? words[i - whole - 1] >> (64 - part) : 0);
        return new UInt256(shifted[3], shifted[2], shifted[1], shifted[0]);
    }

    /// <inheritdoc/>
    public static UInt256 operator >>(UInt256 value, int count)
    {
        Span<ulong> words = [value._0, value._1, value._2, value._3];
        Span<ulong> shifted = stackalloc ulong[4];
        shifted.Clear();
        var (whole, part) = Math.DivRem(count, 64);
        for (var i = 0; i + whole < 4; i++)
            shifted[i] = words[i + whole] >> part | (part > 0 && i + whole < 3 ? words[i + whole + 1] << (64 - part) : 0);
        return new UInt256(shifted[3], shifted[2], shifted[1], shifted[0]);
    }

    /// <inheritdoc/>
    public static implicit operator UInt256(ulong value) => new(0, 0, 0, value);

    /// <inheritdoc/>
    public static implicit operator UInt256(UInt128 value) => new(0, 0, (ulong)(value >> 64), (ulong)value);

    /// <inheritdoc/>
    public static bool operator ==(UInt256 left, UInt256 right) => left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(UInt256 left, UInt256 right) => !left.Equals(right);

    /// <inheritdoc/>
    public static bool operator <(UInt256 left, UInt256 right) => left.CompareTo(right) < 0;

    /// <inheritdoc/>
    public static bool operator >(UInt256 left, UInt256 right) => left.CompareTo(right) > 0;

    /// <inheritdoc/>
    public static bool operator <=(UInt256 left, UInt256 right) => left.CompareTo(right) <= 0;

    /// <inheritdoc/>
    public static bool operator >=(UInt256 left, UInt256 right) => left.CompareTo(right) >= 0;

    /// <summary>The smaller of two.</summary>
    public static UInt256 Min(UInt256 left, UInt256 right) => left < right ? left : right;

    /// <summary>The larger of two.</summary>
    public static UInt256 Max(UInt256 left, UInt256 right) => left > right ? left : right;

    /// <summary><paramref name="low"/> if the value is below it, else <paramref name="high"/> if above that, else the value.</summary>
    public static UInt256 Clip(UInt256 value, UInt256 low, UInt256 high) => value < low ? low : value > high ? high : value;

    /// <inheritdoc/>
    public int CompareTo(UInt256 other) =>
        _3 != other._3 ? _3.CompareTo(other._3)
        : _2 != other._2 ? _2.CompareTo(other._2)
        : _1 != other._1 ? _1.CompareTo(other._1)
        : _0.CompareTo(other._0);

    /// <inheritdoc/>
    public bool Equals(UInt256 other) => _0 == other._0 && _1 == other._1 && _2 == other._2 && _3 == other._3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_0, _1, _2, _3);

    /// <summary>64 hex digits, most significant first.</summary>
    public override string ToString() => $"{_3:x16}{_2:x16}{_1:x16}{_0:x16}";

    private static bool TryAdd(UInt256 left, UInt256 right, out UInt256 sum)
    {
        var low = Add(left._0, right._0, 0, out var carry);
        var lower = Add(left._1, right._1, carry, out carry);
        var upper = Add(left._2, right._2, carry, out carry);
        var high = Add(left._3, right._3, carry, out carry);
        sum = new UInt256(high, upper, lower, low);
        return carry == 0;
    }

    private static bool TryMultiply(UInt256 left, ulong right, out UInt256 product)
    {
        var low = (UInt128)left._0 * right;
        var lower = (UInt128)left._1 * right + (ulong)(low >> 64);
        var upper = (UInt128)left._2 * right + (ulong)(lower >> 64);
        var high = (UInt128)left._3 * right + (ulong)(upper >> 64);
        product = new UInt256((ulong)high, (ulong)upper, (ulong)lower, (ulong)low);
        return high >> 64 == 0;
    }

    private static ulong Add(ulong left, ulong right, ulong carryIn, out ulong carryOut)
    {
        var sum = (UInt128)left + right + carryIn;
        carryOut = (ulong)(sum >> 64);
        return (ulong)sum;
    }

    private static ulong Subtract(ulong left, ulong right, ulong borrowIn, out ulong borrowOut)
    {
        var difference = (UInt128)left - right - borrowIn;
        borrowOut = (ulong)(difference >> 64) & 1;
        return (ulong)difference;
    }

    private static (UInt256 Quotient, UInt256 Remainder) DivRemWord(UInt256 dividend, ulong divisor)
    {
        var (high, remainder) = Math.DivRem(dividend._3, divisor);
        var upper = Step(dividend._2);
        var lower = Step(dividend._1);
        var low = Step(dividend._0);
        return (new UInt256(high, upper, lower, low), remainder);

        ulong Step(ulong word)
        {
            var (quotient, rest) = UInt128.DivRem(new UInt128(remainder, word), divisor);
            remainder = (ulong)rest;
            return (ulong)quotient;
        }
    }

    // Schoolbook division on 32-bit digits (Knuth, algorithm D). The divisor has at least three digits here.
    private static (UInt256 Quotient, UInt256 Remainder) DivRemLong(UInt256 dividend, UInt256 divisor)
    {
        var divisorDigits = (divisor.BitLength + 31) / 32;
        var shift = divisorDigits * 32 - divisor.BitLength;
        Span<uint> v = stackalloc uint[8];
        Split(divisor << shift, v);
        Span<uint> u = stackalloc uint[9];
        Split(dividend << shift, u);
        u[8] = shift == 0 ? 0 : (uint)(dividend._3 >> (64 - shift));
        Span<uint> quotient = stackalloc uint[8];
        quotient.Clear();

        for (var j = 8 - divisorDigits; j >= 0; j--)
        {
            var numerator = (ulong)u[j + divisorDigits] << 32 | u[j + divisorDigits - 1];
            var (digit, rest) = Math.DivRem(numerator, v[divisorDigits - 1]);
            while (digit > uint.MaxValue || digit * v[divisorDigits - 2] > (rest << 32 | u[j + divisorDigits - 2]))
            {
                digit--;
                rest += v[divisorDigits - 1];
                if (rest > uint.MaxValue) break;
            }

            long borrow = 0;
            ulong carry = 0;
            for (var i = 0; i < divisorDigits; i++)
            {
                var product = digit * v[i] + carry;
                carry = product >> 32;
                var difference = u[i + j] - borrow - (long)(product & uint.MaxValue);
                u[i + j] = (uint)difference;
                borrow = difference < 0 ? 1 : 0;
            }
            var top = u[j + divisorDigits] - borrow - (long)carry;
            u[j + divisorDigits] = (uint)top;

            if (top < 0)
            {
                digit--;
                ulong addCarry = 0;
                for (var i = 0; i < divisorDigits; i++)
                {
                    var sum = (ulong)u[i + j] + v[i] + addCarry;
                    u[i + j] = (uint)sum;
                    addCarry = sum >> 32;
                }
                u[j + divisorDigits] += (uint)addCarry;
            }
            quotient[j] = (uint)digit;
        }
        return (Join(quotient), Join(u[..8]) >> shift);

        static void Split(UInt256 value, Span<uint> digits)
        {
            digits[0] = (uint)value._0;
            digits[1] = (uint)(value._0 >> 32);
            digits[2] = (uint)value._1;
            digits[3] = (uint)(value._1 >> 32);
            digits[4] = (uint)value._2;
            digits[5] = (uint)(value._2 >> 32);
            digits[6] = (uint)value._3;
            digits[7] = (uint)(value._3 >> 32);
        }

        static UInt256 Join(ReadOnlySpan<uint> digits) => new(
            (ulong)digits[7] << 32 | digits[6],
            (ulong)digits[5] << 32 | digits[4],
            (ulong)digits[3] << 32 | digits[2],
            (ulong)digits[1] << 32 | digits[0]);
    }
}
