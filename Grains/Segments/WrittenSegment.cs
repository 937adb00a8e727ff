using System.Buffers;

namespace Grainpool.Grains.Segments;

/// <summary>A segment as we wrote it, kept until the store cannot forget it any more.</summary>
internal sealed class WrittenSegment
{
    private readonly ArrayBufferWriter<byte> _content = new(64 * 1024);

    public WrittenSegment(long number, ReadOnlySpan<byte> content, int shares)
    {
        Number = number;
        Shares = shares;
        _content.Write(content);
    }

    public long Number { get; }

    /// <summary>Shares in it, whoever wrote them.</summary>
    public int Shares { get; private set; }

    /// <summary>Bytes that the store has acknowledged.</summary>
    public int Length => _content.WrittenCount;

    public ReadOnlyMemory<byte> Content => _content.WrittenMemory;

    /// <summary>When it was sealed; null while it is open.</summary>
    public DateTimeOffset? SealedAt { get; set; }

    public void Add(ReadOnlySpan<byte> records, int shares)
    {
        _content.Write(records);
        Shares += shares;
    }
}
