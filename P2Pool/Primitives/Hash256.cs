namespace Grainpool.P2Pool.Primitives;

/// <summary>A 32-byte hash: of a share, a block, a transaction. Kept in digest (wire) order.</summary>
/// <remarks>Its text is the one people see: the little-endian number in hex, thus the digest reversed.</remarks>
public readonly struct Hash256 : IEquatable<Hash256>, IComparable<Hash256>
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    private readonly UInt256 _number;

    private Hash256(UInt256 number) => _number = number;

    /// <summary>The hash of all zero bytes, which on the wire often means "none".</summary>
    public static Hash256 Zero => default;

    /// <summary>Whether all bytes are zero.</summary>
    public bool IsZero => _number.IsZero;

    /// <summary>The hash with these 32 bytes in digest order.</summary>
    public static Hash256 FromBytes(ReadOnlySpan<byte> digest) => new(UInt256.FromLittleEndian(digest[..Size]));

    /// <summary>The hash whose little-endian reading is this number.</summary>
    public static Hash256 FromNumber(UInt256 number) => new(number);

    /// <summary>The little-endian reading: what is compared with a target.</summary>
    public UInt256 ToNumber() => _number;

    /// <summary>The hash a person wrote: up to 64 hex digits, most significant first.</summary>
    /// <exception cref="FormatException">Not hex, or too long.</exception>
    public static Hash256 Parse(ReadOnlySpan<char> text) => new(UInt256.ParseHex(text));

    /// <summary>Writes the 32 bytes in digest order.</summary>
    public void CopyTo(Span<byte> destination) => _number.WriteLittleEndian(destination);

    /// <summary>The 32 bytes in digest order.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(Hash256 other) => _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Hash256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number.GetHashCode();

    /// <summary>Order of the little-endian numbers.</summary>
    public int CompareTo(Hash256 other) => _number.CompareTo(other._number);

    /// <inheritdoc/>
    public static bool operator ==(Hash256 left, Hash256 right) => left.Equals(right);

    /// <inheritdoc/>
    public static bool operator !=(Hash256 left, Hash256 right) => !left.Equals(right);

    /// <inheritdoc/>
    public static bool operator <(Hash256 left, Hash256 right) => left.CompareTo(right) < 0;

    /// <inheritdoc/>
    public static bool operator >(Hash256 left, Hash256 right) => left.CompareTo(right) > 0;

    /// <inheritdoc/>
    public static bool operator <=(Hash256 left, Hash256 right) => left.CompareTo(right) <= 0;

    /// <inheritdoc/>
    public static bool operator >=(Hash256 left, Hash256 right) => left.CompareTo(right) >= 0;

    /// <summary>64 lower-case hex digits, most significant first.</summary>
    public override string ToString() => _number.ToString();
}
