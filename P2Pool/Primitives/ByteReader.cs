using System.Buffers.Binary;

namespace Grainpool.P2Pool.Primitives;

/// <summary>Reads little-endian fields from a window of bytes that came from outside.</summary>
/// <remarks>Lengths are checked against what is left before anything is allocated, so the input bounds the memory.</remarks>
/// <exception cref="WireFormatException">From every method: the bytes end too early or break a rule of the format.</exception>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>The next <paramref name="count"/> bytes, not copied.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Remaining) throw new WireFormatException($"{count} bytes wanted at offset {Position}, {Remaining} left");
        var slice = _bytes.Slice(Position, count);
        Position += count;
        return slice;
    }

    /// <summary>One byte.</summary>
    public byte Byte() => Bytes(1)[0];

    /// <summary>u16, little-endian.</summary>
    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    /// <summary>u16, big-endian: only the port inside a peer address.</summary>
    public ushort UInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    /// <summary>u32, little-endian.</summary>
    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    /// <summary>u64, little-endian.</summary>
    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    /// <summary>u128, little-endian.</summary>
    public UInt128 UInt128() => BinaryPrimitives.ReadUInt128LittleEndian(Bytes(16));

    /// <summary>A 32-byte hash.</summary>
    public Hash256 Hash() => Hash256.FromBytes(Bytes(Hash256.Size));

    /// <summary>A varint, which must be in its shortest form.</summary>
    public ulong VarInt()
    {
        var start = Position;
        var first = Byte();
        var (value, smallest) = first switch
        {
            0xfd => (UInt16(), 0xfdUL),
            0xfe => (UInt32(), 0x10000UL),
            0xff => (UInt64(), 0x100000000UL),
            _ => (first, 0UL),
        };
        return value >= smallest ? value : throw new WireFormatException($"varint at offset {start} is not in its shortest form");
    }

    /// <summary>A varint counting items of at least <paramref name="itemSize"/> bytes each, so never more than the bytes left can hold.</summary>
    public int Count(int itemSize)
    {
        var count = VarInt();
        return count <= (ulong)(Remaining / itemSize)
            ? (int)count
            : throw new WireFormatException($"{count} items of {itemSize} bytes announced before offset {Position}, {Remaining} bytes left");
    }

    /// <summary>varstr: a varint length, then that many bytes, not copied.</summary>
    public ReadOnlySpan<byte> VarString() => Bytes(Count(1));

    /// <summary>list(u256).</summary>
    public Hash256[] Hashes()
    {
        var hashes = new Hash256[Count(Hash256.Size)];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = Hash();
        return hashes;
    }

    /// <summary>Ends the reading: anything left over is an error.</summary>
    public readonly void End()
    {
        if (Remaining != 0) throw new WireFormatException($"{Remaining} bytes left over at offset {Position}");
    }
}
