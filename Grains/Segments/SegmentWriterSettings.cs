namespace Grainpool.Grains.Segments;

/// <summary>How a <see cref="SegmentWriter"/> spends time and memory.</summary>
internal sealed record SegmentWriterSettings
{
    /// <summary>Shares after which a segment is sealed and the next begun.</summary>
    public int SharesPerSegment { get; init; } = 256;

    /// <summary>Records that may wait for a store that does not answer. Beyond it the oldest go: they have long left the window.</summary>
    /// <remarks>Four times what a chain of the public network holds, some 20 MB.</remarks>
    public int MaxWaiting { get; init; } = 23_000;

    /// <summary>Most bytes of one append.</summary>
    public int MaxAppendBytes { get; init; } = 1024 * 1024;

    /// <summary>How often the length of what was written is looked at.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>First pause after the store did not answer; it doubles up to <see cref="LongestPause"/>.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause between two tries.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(8);
}
