using System.Buffers.Binary;
using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Store;

/// <summary>What a share segment holds, up to its first bad record.</summary>
/// <param name="Records">Good records in order.</param>
/// <param name="GoodLength">Bytes they take; where the next append belongs.</param>
/// <param name="Damage">What is wrong with the bytes after them; null when nothing follows.</param>
public sealed record SegmentContents(ImmutableArray<StoreRecord> Records, int GoodLength, string? Damage)
{
    /// <summary>Reads a segment. Nothing after a bad record is believed, since records have no marks to find the next one by.</summary>
    public static SegmentContents Read(ReadOnlySpan<byte> segment)
    {
        var records = ImmutableArray.CreateBuilder<StoreRecord>();
        var position = 0;
        while (position < segment.Length)
        {
            if (Damaged(segment[position..], out var record, out var length) is { } damage)
                return new SegmentContents(records.ToImmutable(), position, $"record {records.Count} at byte {position}: {damage}");
            records.Add(record!);
            position += length;
        }
        return new SegmentContents(records.ToImmutable(), position, null);
    }

    private static string? Damaged(ReadOnlySpan<byte> bytes, out StoreRecord? record, out int length)
    {
        (record, length) = (null, 0);
        if (bytes.Length < StoreRecord.HeaderSize) return $"cut off after {bytes.Length} bytes";
        var bodyLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (bodyLength is 0 or > StoreRecord.LargestBody) return $"impossible length {bodyLength}";
        if (bodyLength > bytes.Length - StoreRecord.HeaderSize)
            return $"cut off: {bytes.Length - StoreRecord.HeaderSize} of {bodyLength} bytes are there";

        length = StoreRecord.HeaderSize + (int)bodyLength;
        var body = bytes[StoreRecord.HeaderSize..length];
        if (StoreRecord.Checksum(bytes[..4], body) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..])) return "checksum does not match";
        try
        {
            record = StoreRecord.ParseBody(body);
            return null;
        }
        catch (WireFormatException exception)
        {
            return exception.Message;
        }
    }
}
