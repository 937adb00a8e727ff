using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>A payee as shares of versions 16 and 17 name it.</summary>
/// <param name="Number">The 20 bytes on the wire read as a little-endian number. A witness program stands there reversed.</param>
/// <param name="Version">What the bytes are: the coin's version byte for script hashes, 0 for a witness program, anything else for a key hash.</param>
public readonly record struct KeyHash(UInt256 Number, byte Version)
{
    /// <summary>Bytes of the hash.</summary>
    public const int Size = 20;

    /// <summary>The payee with these 20 bytes on the wire.</summary>
    public static KeyHash Of(ReadOnlySpan<byte> wire, byte version)
    {
        Span<byte> number = stackalloc byte[Hash256.Size];
        number.Clear();
        wire[..Size].CopyTo(number);
        return new KeyHash(UInt256.FromLittleEndian(number), version);
    }

    /// <summary>Reads hash and version.</summary>
    /// <exception cref="WireFormatException">Cut bytes.</exception>
    public static KeyHash Read(ref ByteReader reader) => Of(reader.Bytes(Size), reader.Byte());

    /// <summary>Writes hash and version.</summary>
    public void Write(ByteWriter writer)
    {
        Span<byte> number = stackalloc byte[Hash256.Size];
        Number.WriteLittleEndian(number);
        writer.Bytes(number[..Size]).Byte(Version);
    }

    /// <summary>The 20 bytes as on the wire.</summary>
    public byte[] ToBytes()
    {
        var number = new byte[Hash256.Size];
        Number.WriteLittleEndian(number);
        return number[..Size];
    }
}
