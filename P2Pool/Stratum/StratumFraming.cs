using System.Buffers;

namespace Grainpool.P2Pool.Stratum;

/// <summary>What came of looking for a line.</summary>
public enum LineOutcome
{
    /// <summary>A whole line.</summary>
    Line,

    /// <summary>The end of the line has not arrived.</summary>
    Incomplete,

    /// <summary>The line is longer than allowed, whether its end has arrived or not.</summary>
    TooLong,
}

/// <summary>Cuts the stream from a miner into lines, which end with LF; a CR before it is white space to JSON.</summary>
public static class StratumFraming
{
    /// <summary>Bytes a line may have by default, as in the legacy nodes.</summary>
    public const int DefaultMaxLine = 16384;

    /// <summary>Takes the first line off the buffer, without its end.</summary>
    /// <param name="buffer">What has arrived; moved behind the line when there is one.</param>
    /// <param name="maxLine">Bytes a line may have, its end not counted.</param>
    /// <param name="line">The line.</param>
    public static LineOutcome TakeLine(ref ReadOnlySequence<byte> buffer, int maxLine, out ReadOnlySequence<byte> line)
    {
        line = default;
        var window = buffer.Length > maxLine + 1L ? buffer.Slice(0, maxLine + 1L) : buffer;
        if (window.PositionOf((byte)'\n') is not { } end) return buffer.Length > maxLine ? LineOutcome.TooLong : LineOutcome.Incomplete;

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return LineOutcome.Line;
    }
}
