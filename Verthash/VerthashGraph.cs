using System.Numerics;

namespace Grainpool.Verthash;

/// <summary>Writes the table: a depth-robust graph of 32-byte nodes in creation order.</summary>
/// <remarks>
/// <para>
/// The value of a node is SHA3-256 of key, id block and the values of its parents (none, one or two). Nodes come in
/// groups; those of one group are independent of each other, groups follow each other strictly. "Last" is the group
/// written just before, as wide as the group being written.
/// </para>
/// <para>
/// All processors work at once. A butterfly of width <c>w</c> couples nodes at distances <c>w/2, w/4 … 1 … w/4, w/2</c>: once the distance is
/// less than a part of it, that part needs nobody else until the distances grow again. So one part for each processor goes through all
/// the levels between by itself, and the processors meet only at the wide levels before and after, not at each of them.
/// </para>
/// </remarks>
internal sealed unsafe class VerthashGraph
{
    /// <summary>Bytes of a node.</summary>
    public const int NodeLength = 32;

    // A group, and a part of a butterfly, is shared among the processors when it is at least so many nodes: some
    // tens of microseconds of hashing, well above the cost of handing it out.
    private const int LeastShared = 512;

    private readonly int _index;
    private readonly long _nodes;
    private readonly NodeWriter _writer;
    private readonly VerthashPath _path;
    private readonly int _parts;
    private readonly IProgress<double>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly long _progressStep;
    private long _nextProgress;
    private long _written;

    private VerthashGraph(
        int index, DataFileMemory memory, VerthashPath path, int processors, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _index = index;
        _nodes = VerthashDataFileSpecification.NodesOf(index);
        _path = VerthashPaths.Checked(path);
        _parts = (int)BitOperations.RoundUpToPowerOf2((uint)processors);
        _progress = progress;
        _cancellationToken = cancellationToken;
        _progressStep = Math.Max(1, _nodes / 1000);
        ArgumentOutOfRangeException.ThrowIfNotEqual(memory.Length, _nodes * NodeLength);
        Span<byte> key = stackalloc byte[Sha3.Length256];
        Sha3.Hash256("Verthash Proof-of-Space Datafile"u8, key);
        _writer = new NodeWriter(memory.Start, key, VerthashDataFileSpecification.FirstIdOf(index));
    }

    /// <summary>Fills <paramref name="memory"/> with the table of <paramref name="index"/>, on the fastest path and all processors.</summary>
    /// <param name="index">The size parameter.</param>
    /// <param name="memory">Exactly as long as the table.</param>
    /// <param name="progress">Told the written part of the whole, 0 to 1, about a thousand times, on the calling thread.</param>
    /// <param name="cancellationToken">Looked at between groups.</param>
    /// <exception cref="OperationCanceledException">Cancelled; the memory is filled in part.</exception>
    public static void Write(int index, DataFileMemory memory, IProgress<double>? progress, CancellationToken cancellationToken) =>
        Write(index, memory, VerthashPaths.Fastest, Environment.ProcessorCount, progress, cancellationToken);

    /// <summary>The same on a path of the caller's choice and as many processors.</summary>
    public static void Write(
        int index, DataFileMemory memory, VerthashPath path, int processors, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var held = memory.Hold();
        new VerthashGraph(index, memory, path, processors, progress, cancellationToken).Write();
    }

    private void Write()
    {
        _progress?.Report(0);
        WriteGroup(1 << _index, NodeGroup.Nobody, 0, NodeGroup.All, NodeGroup.Nobody);
        if (_index == 1)
            WriteButterfly(1);
        else
            WriteXi(_index);
        if (_written != _nodes)
            throw new InvalidOperationException($"The graph of index {_index} came out with {_written} nodes instead of {_nodes}.");
        _progress?.Report(1);
    }

    // Distances from half the width down to 1, and back up to half the width. The levels whose distance is less than a part's
    // width are those from `alone` on, up to as many before the end.
    private void WriteButterfly(int order)
    {
        var width = 1 << order;
        var parts = Math.Min(_parts, width / LeastShared * 2);
        if (parts < 2)
        {
            for (var level = 1; level < 2 * order; level++)
                WriteLevel(order, level);
            return;
        }

        var alone = BitOperations.Log2((uint)parts) + 1;
        for (var level = 1; level < alone; level++)
            WriteLevel(order, level);
        var start = _written;
        var part = width / parts;
        Parallel.For(0, parts, number =>
        {
            for (var level = alone; level <= (2 * order) - alone; level++)
            {
                var levelStart = start + ((long)(level - alone) * width);
                WriteNodes(LevelOf(order, level, levelStart), number * part, (number + 1) * part);
            }
        });
        Advance((long)((2 * (order - alone)) + 1) * width);
        for (var level = (2 * order) - alone + 1; level < 2 * order; level++)
            WriteLevel(order, level);
    }

    private void WriteLevel(int order, int level)
    {
        var group = LevelOf(order, level, _written);
        WriteGroup(1 << order, group.First, group.Distance, group.Mask, group.Second);
    }

    private static NodeGroup LevelOf(int order, int level, long start)
    {
        var last = start - (1L << order);
        return new NodeGroup(start, last, 1 << Math.Abs(order - level), NodeGroup.All, last);
    }

    // Continues from 2^order sources, which are the last group, and ends with 2^order sinks.
    private void WriteXi(int order)
    {
        var half = 1 << (order - 1);
        var sources = _written - (2 * half);

        WriteGroup(half, sources, 0, NodeGroup.All, sources + half);
        WriteButterfly(order - 1);
        WriteLink(half);
        WriteInner(order - 1);
        WriteLink(half);
        WriteInner(order - 1);
        WriteLink(half);
        WriteButterfly(order - 1);
        WriteGroup(2 * half, _written - half, 0, half - 1, sources);
    }

    private void WriteInner(int order)
    {
        if (order == 1)
            WriteButterfly(1);
        else
            WriteXi(order);
    }

    private void WriteLink(int width) => WriteGroup(width, _written - width, 0, NodeGroup.All, NodeGroup.Nobody);

    private void WriteGroup(int width, long first, int distance, int mask, long second)
    {
        var group = new NodeGroup(_written, first, distance, mask, second);
        var parts = Math.Min(_parts, width / LeastShared);
        if (parts < 2)
            WriteNodes(group, 0, width);
        else
            Parallel.For(0, parts, number => WriteNodes(group, width / parts * number, width / parts * (number + 1)));
        Advance(width);
    }

    private void WriteNodes(in NodeGroup group, int from, int to)
    {
        if (_path == VerthashPath.Vector512)
            _writer.Write<EightStates>(group, from, to);
        else if (_path == VerthashPath.Vector256)
            _writer.Write<FourStates>(group, from, to);
        else if (_path == VerthashPath.Vector128)
            _writer.Write<TwoStates>(group, from, to);
        else
            _writer.Write<OneState>(group, from, to);
    }

    private void Advance(long width)
    {
        _written += width;
        _cancellationToken.ThrowIfCancellationRequested();
        if (_written < _nextProgress)
            return;
        _nextProgress = _written + _progressStep;
        _progress?.Report((double)_written / _nodes);
    }
}
