using System.Buffers;
using System.Buffers.Binary;

namespace Grainpool.P2Pool.Primitives;

/// <summary>Writes little-endian fields into one growing buffer.</summary>
public sealed class ByteWriter(int capacity = 256)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(capacity);

    /// <summary>Bytes written so far.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>The same as memory; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.WrittenMemory;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    /// <summary>Begins anew in the same buffer.</summary>
    public void Clear() => _buffer.ResetWrittenCount();

    /// <summary>Makes room for so many more bytes at once.</summary>
    public void Reserve(int bytes) => _buffer.GetSpan(bytes);

    /// <summary>Raw bytes.</summary>
    public ByteWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _buffer.Write(bytes);
        return this;
    }

    /// <summary>One byte.</summary>
    public ByteWriter Byte(byte value) => Bytes([value]);

    /// <summary>u16, little-endian.</summary>
    public ByteWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
        return this;
    }

    /// <summary>u16, big-endian: only the port inside a peer address.</summary>
    public ByteWriter UInt16BigEndian(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);
        return this;
    }

    /// <summary>u32, little-endian.</summary>
    public ByteWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
        return this;
    }

    /// <summary>u64, little-endian.</summary>
    public ByteWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
        return this;
    }

    /// <summary>u128, little-endian.</summary>
    public ByteWriter UInt128(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(Take(16), value);
        return this;
    }

    /// <summary>The 32 bytes of a hash.</summary>
    public ByteWriter Hash(Hash256 hash)
    {
        hash.CopyTo(Take(Hash256.Size));
        return this;
    }

    /// <summary>A varint in its shortest form.</summary>
    public ByteWriter VarInt(ulong value) => value switch
    {
        < 0xfd => Byte((byte)value),
        <= ushort.MaxValue => Byte(0xfd).UInt16((ushort)value),
        <= uint.MaxValue => Byte(0xfe).UInt32((uint)value),
        _ => Byte(0xff).UInt64(value),
    };

    /// <summary>varstr: length, then the bytes.</summary>
    public ByteWriter VarString(ReadOnlySpan<byte> bytes) => VarInt((ulong)bytes.Length).Bytes(bytes);

    /// <summary>list(u256).</summary>
    public ByteWriter Hashes(ReadOnlySpan<Hash256> hashes)
    {
        VarInt((ulong)hashes.Length);
        foreach (var hash in hashes) Hash(hash);
        return this;
    }

    private Span<byte> Take(int count)
    {
        var span = _buffer.GetSpan(count)[..count];
        _buffer.Advance(count);
        return span;
    }
}
