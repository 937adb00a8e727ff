using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Store;

/// <summary>One entry of a share segment.</summary>
/// <remarks>
/// <code>
/// record   length u32 (of the body) · CRC-32 u32 (of length and body) · body
/// body     kind u8 · fields of the kind
///   1      writer's epoch u64
///   2      flags u8 · time seen u64 (ms) · proof of work (32) · canonical share, to the end
/// </code>
/// Little-endian throughout. A body is never empty, so a run of zero bytes is no record.
/// </remarks>
public abstract record StoreRecord
{
    /// <summary>Bytes before the body.</summary>
    public const int HeaderSize = 8;

    /// <summary>Most bytes of a body: more than any share that can reach us.</summary>
    public const int LargestBody = 33_000_000;

    private protected StoreRecord()
    {
    }

    private protected abstract byte Kind { get; }

    private protected abstract void WriteFields(ByteWriter writer);

    /// <summary>The record's bytes, ready to be appended.</summary>
    public byte[] ToBytes()
    {
        var body = new ByteWriter(800);
        body.Byte(Kind);
        WriteFields(body);
        var length = new ByteWriter(4).UInt32((uint)body.Length);
        return new ByteWriter(HeaderSize + body.Length)
            .Bytes(length.Written)
            .UInt32(Checksum(length.Written, body.Written))
            .Bytes(body.Written)
            .ToArray();
    }

    internal static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> body)
    {
        var crc = new System.IO.Hashing.Crc32();
        crc.Append(length);
        crc.Append(body);
        return crc.GetCurrentHashAsUInt32();
    }

    /// <summary>The record with this body.</summary>
    /// <exception cref="WireFormatException">An unknown kind, or fields that do not fit it.</exception>
    internal static StoreRecord ParseBody(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        StoreRecord record = reader.Byte() switch
        {
            WriterEpoch.KindNumber => WriterEpoch.Read(ref reader),
            StoredShare.KindNumber => StoredShare.Read(ref reader),
            var kind => throw new WireFormatException($"unknown kind of record {kind}"),
        };
        reader.End();
        return record;
    }
}
