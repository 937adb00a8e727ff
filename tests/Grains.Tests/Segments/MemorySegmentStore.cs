using Grainpool.Orleans.AzureStorage;

namespace Grainpool.Grains.Tests.Segments;

/// <summary>Segments in memory, which can be away, forget, lose answers, and be written by another.</summary>
internal sealed class MemorySegmentStore(TimeSpan durabilityLag) : ISegmentStore
{
    private readonly Lock _lock = new();
    private SortedDictionary<long, (byte[] Content, bool Sealed)> _segments = [];

    public string Chain => "test";

    public TimeSpan DurabilityLag { get; } = durabilityLag;

    public bool Away { get; set; }

    /// <summary>The next append is written, but its answer is lost.</summary>
    public bool LoseNextAnswer { get; set; }

    public List<(long Segment, int Length)> Appends { get; } = [];

    public IReadOnlyDictionary<long, (byte[] Content, bool Sealed)> Segments
    {
        get
        {
            lock (_lock) return new SortedDictionary<long, (byte[], bool)>(_segments);
        }
    }

    /// <summary>Runs before the next operation, once.</summary>
    public Action? Before { get; set; }

    public byte[] Content(long segment) => Segments[segment].Content;

    public SortedDictionary<long, (byte[], bool)> Remember()
    {
        lock (_lock) return new(_segments);
    }

    /// <summary>What a killed emulator does: the store is again as it was.</summary>
    public void GoBack(SortedDictionary<long, (byte[], bool)> remembered)
    {
        lock (_lock) _segments = new(remembered);
    }

    public void Put(long segment, byte[] content, bool isSealed = false)
    {
        lock (_lock) _segments[segment] = (content, isSealed);
    }

    public Task<IReadOnlyList<SegmentDescription>> List(CancellationToken cancellationToken)
    {
        Arrive();
        lock (_lock)
            return Task.FromResult<IReadOnlyList<SegmentDescription>>(
                [.. _segments.Select(pair => new SegmentDescription(pair.Key, pair.Value.Content.Length, pair.Value.Sealed))]);
    }

    public Task<byte[]> Read(long segment, CancellationToken cancellationToken)
    {
        Arrive();
        lock (_lock) return Task.FromResult(_segments.TryGetValue(segment, out var found) ? found.Content : []);
    }

    public Task<AppendResult> Append(long segment, long expectedPosition, ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        RunBefore();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(records.Length, SegmentLimits.MaxAppendLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(expectedPosition + records.Length, SegmentLimits.MaxSegmentLength);
        if (Away) return Task.FromResult<AppendResult>(new AppendResult.Unavailable("away"));
        lock (_lock)
        {
            var (content, isSealed) = _segments.TryGetValue(segment, out var found) ? found : ([], false);
            var repeated = !isSealed && content.Length == expectedPosition + records.Length && content.AsSpan((int)expectedPosition).SequenceEqual(records.Span);
            if (!repeated)
            {
                if (isSealed || content.Length != expectedPosition)
                    return Task.FromResult<AppendResult>(new AppendResult.PositionMismatch(content.Length, isSealed));
                _segments[segment] = ([.. content, .. records.Span], false);
                Appends.Add((segment, records.Length));
            }

            if (!LoseNextAnswer) return Task.FromResult<AppendResult>(new AppendResult.Appended(expectedPosition + records.Length));
            LoseNextAnswer = false;
            return Task.FromResult<AppendResult>(new AppendResult.Unavailable("answer lost"));
        }
    }

    public Task<long?> Length(long segment, CancellationToken cancellationToken)
    {
        Arrive();
        lock (_lock) return Task.FromResult<long?>(_segments.TryGetValue(segment, out var found) ? found.Content.Length : null);
    }

    public Task Seal(long segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Arrive();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, SegmentLimits.MaxSegmentLength);
        lock (_lock) _segments[segment] = (content.ToArray(), true);
        return Task.CompletedTask;
    }

    public Task Delete(long segment, CancellationToken cancellationToken)
    {
        Arrive();
        lock (_lock) _segments.Remove(segment);
        return Task.CompletedTask;
    }

    private void Arrive()
    {
        RunBefore();
        if (Away) throw new StorageUnavailableException("away");
    }

    private void RunBefore()
    {
        var before = Before;
        Before = null;
        before?.Invoke();
    }
}
