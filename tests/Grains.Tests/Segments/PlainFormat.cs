using System.Buffers.Binary;
using System.Collections.Immutable;
using Grainpool.Grains.Segments;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Grains.Tests.Segments;

/// <summary>Records of nine bytes: a letter and a number. Enough to tell writers, shares, padding, shares of elsewhere and torn ends apart.</summary>
internal sealed class PlainFormat : ISegmentFormat
{
    public const int Size = 9;

    public byte[] Epoch(long epoch) => Record('E', epoch);

    public byte[] Share(KnownShare share) => throw new NotSupportedException("tests of segments know no real shares");

    public static byte[] Share(long number) => Record('S', number);

    /// <summary>A share that takes as many bytes, to the next nine.</summary>
    public static byte[] LongShare(long number, int bytes) => [.. Share(number), .. Padding(bytes - Size)];

    /// <summary>What says nothing, in as many bytes or a few less.</summary>
    public static byte[] Padding(int bytes)
    {
        var padding = new byte[bytes / Size * Size];
        for (var position = 0; position < padding.Length; position += Size) padding[position] = (byte)'P';
        return padding;
    }

    /// <summary>A share that passes no check here.</summary>
    public static byte[] UnfitShare() => Record('U', 0);

    public static Hash256 Hash(long number) => Hash256.FromNumber((ulong)number);

    public static ImmutableArray<long> SharesIn(byte[] segment) => [.. new PlainFormat().Read(segment).Shares.Select(share => (long)share.Hash.ToNumber().ToUInt128Wrapping())];

    public SegmentRecords Read(ReadOnlyMemory<byte> segment)
    {
        var shares = ImmutableArray.CreateBuilder<LoadedShare>();
        var unfit = ImmutableArray.CreateBuilder<ShareFault>();
        var epoch = 0L;
        var position = 0;
        for (; position + Size <= segment.Length; position += Size)
        {
            var record = segment.Span.Slice(position, Size);
            var number = BinaryPrimitives.ReadInt64LittleEndian(record[1..]);
            if (record[0] == 'E') epoch = Math.Max(epoch, number);
            else if (record[0] == 'S') shares.Add(new LoadedShare(Hash(number), null!));
            else if (record[0] == 'U') unfit.Add(ShareFault.Address);
            else if (record[0] != 'P') break;
        }

        return new SegmentRecords(shares.ToImmutable(), epoch, position, position < segment.Length ? "no record" : null, unfit.ToImmutable());
    }

    private static byte[] Record(char kind, long number)
    {
        var record = new byte[Size];
        record[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(1), number);
        return record;
    }
}
