using System.Runtime.CompilerServices;

namespace Grainpool.Verthash;

/// <summary>Writes the table: a depth-robust graph of 32-byte nodes in creation order.</summary>
/// <remarks>
/// <para>
/// The value of a node is SHA3-256 of key, id block and the values of its parents (none, one or two). Nodes come in
/// groups; those of one group are independent of each other, groups follow each other strictly. "Last" is the group
/// written just before, as wide as the group being written.
/// </para>
/// <para>Message of a node, 64, 96 or 128 bytes, always one permutation:</para>
/// <code>
///  0        32         64               96                128
///  | key    | id block | first parent   | second parent   |
/// </code>
/// </remarks>
internal sealed unsafe class VerthashGraph
{
    /// <summary>Bytes of a node.</summary>
    public const int NodeLength = 32;

    private const int IdOffset = 32;
    private const int FirstParentOffset = 64;
    private const int SecondParentOffset = 96;
    private const int LongestMessage = 128;

    // A group at least this wide is shared among the processors, in slices of so many nodes: a slice is some tens of
    // microseconds of hashing, well above the cost of handing it out.
    private const int SharedWidth = 512;
    private const int SliceWidth = 256;

    private readonly int _index;
    private readonly DataFileMemory _memory;
    private readonly long _nodes;
    private readonly long _firstId;
    private readonly byte[] _key = new byte[Sha3.Length256];
    private readonly IProgress<double>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly long _progressStep;
    private long _nextProgress;
    private long _written;

    private VerthashGraph(int index, DataFileMemory memory, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _index = index;
        _memory = memory;
        _nodes = VerthashDataFileSpecification.NodesOf(index);
        _firstId = VerthashDataFileSpecification.FirstIdOf(index);
        _progress = progress;
        _cancellationToken = cancellationToken;
        _progressStep = Math.Max(1, _nodes / 1000);
        ArgumentOutOfRangeException.ThrowIfNotEqual(memory.Length, _nodes * NodeLength);
        Sha3.Hash256("Verthash Proof-of-Space Datafile"u8, _key);
    }

    // Which nodes, by place, the node at this position of its group hangs on; in message order.
    private delegate Parents ParentsOf(int position);

    /// <summary>Fills <paramref name="memory"/> with the table of <paramref name="index"/>.</summary>
    /// <param name="index">The size parameter.</param>
    /// <param name="memory">Exactly as long as the table.</param>
    /// <param name="progress">Told the written part of the whole, 0 to 1, about a thousand times, on the calling thread.</param>
    /// <param name="cancellationToken">Looked at between groups.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the memory is filled in part.</exception>
    public static void Write(int index, DataFileMemory memory, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var held = memory.Hold();
        new VerthashGraph(index, memory, progress, cancellationToken).Write();
    }

    private void Write()
    {
        _progress?.Report(0);
        WriteGroup(1 << _index, _ => Parents.None);
        if (_index == 1)
            WriteButterfly(1);
        else
            WriteXi(_index);
        if (_written != _nodes)
            throw new InvalidOperationException($"The graph of index {_index} came out with {_written} nodes instead of {_nodes}.");
        _progress?.Report(1);
    }

    // Distances from half the width down to 1, and back up to half the width.
    private void WriteButterfly(int order)
    {
        for (var level = 1; level <= (2 * order) - 1; level++)
        {
            var distance = 1 << Math.Abs(order - level);
            var last = _written - (1 << order);
            WriteGroup(1 << order, i => new Parents(last + (i ^ distance), last + i));
        }
    }

    // Continues from 2^order sources, which are the last group, and ends with 2^order sinks.
    private void WriteXi(int order)
    {
        var half = 1 << (order - 1);
        var sources = _written - (2 * half);

        WriteGroup(half, i => new Parents(sources + i, sources + i + half));
        WriteButterfly(order - 1);
        WriteLink(half);
        WriteInner(order - 1);
        WriteLink(half);
        WriteInner(order - 1);
        WriteLink(half);
        WriteButterfly(order - 1);

        var last = _written - half;
        WriteGroup(2 * half, i => new Parents(last + (i < half ? i : i - half), sources + i));
    }

    private void WriteInner(int order)
    {
        if (order == 1)
            WriteButterfly(1);
        else
            WriteXi(order);
    }

    private void WriteLink(int width)
    {
        var last = _written - width;
        WriteGroup(width, i => new Parents(last + i, Parents.Nobody));
    }

    private void WriteGroup(int width, ParentsOf parentsOf)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var start = _written;
        if (width < SharedWidth)
            WriteNodes(start, 0, width, parentsOf);
        else
            Parallel.For(0, width / SliceWidth, slice => WriteNodes(start, slice * SliceWidth, SliceWidth, parentsOf));
        _written += width;

        if (_written < _nextProgress)
            return;
        _nextProgress = _written + _progressStep;
        _progress?.Report((double)_written / _nodes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteNodes(long start, int from, int count, ParentsOf parentsOf)
    {
        Span<byte> message = stackalloc byte[LongestMessage];
        message.Clear();
        _key.CopyTo(message);
        for (var position = from; position < from + count; position++)
        {
            var place = start + position;
            var parents = parentsOf(position);
            var length = FirstParentOffset;
            WriteIdBlock(_firstId + place, message[IdOffset..FirstParentOffset]);
            if (parents.First != Parents.Nobody)
            {
                Node(parents.First).CopyTo(message[FirstParentOffset..]);
                length = SecondParentOffset;
            }
            if (parents.Second != Parents.Nobody)
            {
                Node(parents.Second).CopyTo(message[SecondParentOffset..]);
                length = LongestMessage;
            }
            Sha3.Hash256(message[..length], Node(place));
        }
    }

    private Span<byte> Node(long place) => _memory.Slice(place * NodeLength, NodeLength);

    // The id doubled, in groups of seven bits, lowest first, the high bit set on all but the last; the rest stays zero,
    // because all ids of one table need the same number of groups.
    private static void WriteIdBlock(long id, Span<byte> block)
    {
        var rest = (ulong)id << 1;
        var at = 0;
        for (; rest >= 0x80; rest >>= 7)
            block[at++] = (byte)(rest | 0x80);
        block[at] = (byte)rest;
    }

    private readonly record struct Parents(long First, long Second)
    {
        public const long Nobody = -1;

        public static readonly Parents None = new(Nobody, Nobody);
    }
}
