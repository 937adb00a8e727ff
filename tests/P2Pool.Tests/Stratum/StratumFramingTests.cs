using System.Buffers;
using System.Text;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.P2Pool.Tests.Stratum;

public class StratumFramingTests
{
    private const string Text = "{\"id\":1}\r\n\n{\"id\":2,\"x\":\"\u00fc\"}\nrest";

    [Fact]
    public void Lines_CutInTwoAnywhere_ComeOutWhole()
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var lines = new List<string>();
            var first = new ReadOnlySequence<byte>(bytes, 0, cut);
            var rest = Take(first, lines);
            Take(new ReadOnlySequence<byte>([.. rest, .. bytes[cut..]]), lines);
            Assert.Equal(["{\"id\":1}\r", "", "{\"id\":2,\"x\":\"\u00fc\"}"], lines);
        }
    }

    [Fact]
    public void Lines_InSegmentsOfOneByte_ComeOutWhole()
    {
        var lines = new List<string>();
        var rest = Take(Segments(Encoding.UTF8.GetBytes(Text)), lines);
        Assert.Equal(["{\"id\":1}\r", "", "{\"id\":2,\"x\":\"\u00fc\"}"], lines);
        Assert.Equal("rest", Encoding.UTF8.GetString(rest));
    }

    [Theory]
    [InlineData(10, 10, LineOutcome.Line)]
    [InlineData(11, 10, LineOutcome.TooLong)]
    [InlineData(5000, 10, LineOutcome.TooLong)]
    public void WholeLine_OfALength_IsTakenUpToTheLimit(int length, int limit, LineOutcome outcome)
    {
        var buffer = new ReadOnlySequence<byte>([.. new byte[length], (byte)'\n']);
        Assert.Equal(outcome, StratumFraming.TakeLine(ref buffer, limit, out _));
    }

    [Theory]
    [InlineData(10, 10, LineOutcome.Incomplete)]
    [InlineData(11, 10, LineOutcome.TooLong)]
    public void OpenLine_OfALength_IsWaitedForUpToTheLimit(int length, int limit, LineOutcome outcome)
    {
        var buffer = new ReadOnlySequence<byte>(new byte[length]);
        Assert.Equal(outcome, StratumFraming.TakeLine(ref buffer, limit, out _));
    }

    private static byte[] Take(ReadOnlySequence<byte> buffer, List<string> lines)
    {
        while (StratumFraming.TakeLine(ref buffer, 100, out var line) == LineOutcome.Line) lines.Add(Encoding.UTF8.GetString(line));
        return buffer.ToArray();
    }

    private static ReadOnlySequence<byte> Segments(byte[] bytes)
    {
        var first = new Segment(new[] { bytes[0] }, null);
        var last = first;
        foreach (var value in bytes.Skip(1)) last = new Segment(new[] { value }, last);
        return new ReadOnlySequence<byte>(first, 0, last, 1);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
