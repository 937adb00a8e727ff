namespace Grainpool.Grains.Segments;

/// <summary>How a <see cref="SegmentWriter"/> spends time and memory.</summary>
internal sealed record SegmentWriterSettings
{
    /// <summary>Shares after which a segment is sealed and the next begun.</summary>
    public int SharesPerSegment { get; init; } = 256;

    /// <summary>Bytes after which it is, however few shares they are; one append more may be in it.</summary>
    public int BytesPerSegment { get; init; } = 8 * 1024 * 1024;

    /// <summary>Most bytes of a record: forty times the longest share that the transactions of a block can make on the public network.</summary>
    /// <remarks>Longer shares are legal, and nobody's real ones. They are kept in memory only; other nodes have them, should they count.</remarks>
    public int MaxRecordBytes { get; init; } = 64 * 1024;

    /// <summary>Records that may wait for a store that does not answer. Beyond it the oldest go: they have long left the window.</summary>
    /// <remarks>Four times what a chain of the public network holds, some 20 MB.</remarks>
    public int MaxWaiting { get; init; } = 23_000;

    /// <summary>Bytes that may wait; beyond it the oldest go, too.</summary>
    public long MaxWaitingBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Most bytes of one append.</summary>
    public int MaxAppendBytes { get; init; } = 1024 * 1024;

    /// <summary>How often the length of what was written is looked at.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>First pause after the store did not answer; it doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause between two tries.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(8);
}
