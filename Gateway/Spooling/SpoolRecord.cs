using System.Buffers.Binary;
using System.IO.Hashing;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Spooling;

/// <summary>The records of a spool file.</summary>
/// <remarks>
/// <code>
/// file    "GPSPOOL1" · record…
/// record  length of body u32 · CRC-32 of body u32 · body
/// body    kind u8 (1 share, 2 block, 3 released) · number u64 · payload
/// </code>
/// A released record says that the entry of its number is not needed any more. It may be missing: offering an entry twice does no harm.
/// </remarks>
internal static class SpoolRecord
{
    public const int Overhead = FrameSize + BodyHead;

    public static ReadOnlySpan<byte> FileHead => "GPSPOOL1"u8;

    // Above the largest block the coin allows, and small enough that a broken length is not believed.
    private const int MaxBody = 16 * 1024 * 1024;
    private const int FrameSize = 8;
    private const int BodyHead = 9;
    private const byte Share = 1;
    private const byte Block = 2;
    private const byte Release = 3;

    /// <summary>Appends the record of an entry.</summary>
    public static void Write(ByteWriter output, SpoolEntry entry)
    {
        var body = new ByteWriter(entry.Size);
        switch (entry)
        {
            case SpooledShare share:
                share.WritePayload(body.Byte(Share).UInt64((ulong)entry.Number));
                break;
            case SpooledBlock block:
                block.WritePayload(body.Byte(Block).UInt64((ulong)entry.Number));
                break;
            default:
                throw new ArgumentException($"no record for a {entry.GetType().Name}", nameof(entry));
        }
        WriteFrame(output, body.Written);
    }

    /// <summary>Appends the record that an entry is not needed any more.</summary>
    public static void WriteRelease(ByteWriter output, long number)
    {
        Span<byte> body = stackalloc byte[BodyHead];
        body[0] = Release;
        BinaryPrimitives.WriteInt64LittleEndian(body[1..], number);
        WriteFrame(output, body);
    }

    /// <summary>Reads all whole records of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="entries">Takes the entries by number; some may be there from another file.</param>
    /// <param name="released">Takes the numbers that are not needed any more.</param>
    /// <returns>Where the whole records end: the length of the file, unless a crash cut the last one.</returns>
    /// <exception cref="InvalidDataException">The file is no spool file.</exception>
    public static long ReadAll(ISpoolFile file, IDictionary<long, SpoolEntry> entries, ISet<long> released)
    {
        Span<byte> head = stackalloc byte[FileHead.Length];
        var read = file.Read(0, head);
        if (!head[..read].SequenceEqual(FileHead[..read]))
            throw new InvalidDataException($"'{file.Name}' is not a spool file; give the gateway a folder of its own (spool:folder)");
        if (read < FileHead.Length) return 0;

        long end = FileHead.Length;
        Span<byte> frame = stackalloc byte[FrameSize];
        while (file.Read(end, frame) == FrameSize)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(frame);
            if (length is < BodyHead or > MaxBody || end + FrameSize + length > file.Length) break;
            var body = new byte[length];
            if (file.Read(end + FrameSize, body) != body.Length) break;
            if (Crc32.HashToUInt32(body) != BinaryPrimitives.ReadUInt32LittleEndian(frame[4..])) break;
            if (!Take(body, entries, released)) break;
            end += FrameSize + length;
        }
        return end;
    }

    private static bool Take(ReadOnlySpan<byte> body, IDictionary<long, SpoolEntry> entries, ISet<long> released)
    {
        var reader = new ByteReader(body);
        try
        {
            var kind = reader.Byte();
            var number = (long)reader.UInt64();
            switch (kind)
            {
                case Share:
                    entries[number] = SpooledShare.Read(number, ref reader);
                    return true;
                case Block:
                    entries[number] = SpooledBlock.Read(number, ref reader);
                    return true;
                case Release:
                    released.Add(number);
                    return true;
                default:
                    return false;
            }
        }
        catch (WireFormatException)
        {
            return false;
        }
    }

    private static void WriteFrame(ByteWriter output, ReadOnlySpan<byte> body) =>
        output.UInt32((uint)body.Length).UInt32(Crc32.HashToUInt32(body)).Bytes(body);
}
