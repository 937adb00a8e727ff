using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Grainpool.LoadGenerator;

/// <summary>What went wrong, by kind.</summary>
/// <param name="Kind">A word.</param>
/// <param name="Count">How often.</param>
/// <param name="Example">The first one.</param>
internal sealed record ErrorKind(string Kind, long Count, string Example);

/// <summary>All that is counted. Safe from any thread.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, Entry> _errors = new(StringComparer.Ordinal);
    private long _connected, _authorized, _jobs, _cleanJobs, _bytes, _submitted, _accepted, _stale, _low, _refused, _late, _hashes;

    /// <summary>Submit to reply, as the miner sees it.</summary>
    public LatencyHistogram Replies { get; } = new();

    public long Connected => Interlocked.Read(ref _connected);

    public long Authorized => Interlocked.Read(ref _authorized);

    public long Jobs => Interlocked.Read(ref _jobs);

    public long CleanJobs => Interlocked.Read(ref _cleanJobs);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Submitted => Interlocked.Read(ref _submitted);

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Stale => Interlocked.Read(ref _stale);

    public long Low => Interlocked.Read(ref _low);

    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Submissions that fell out because the one before was not answered, or there was no job.</summary>
    public long Late => Interlocked.Read(ref _late);

    public long Hashes => Interlocked.Read(ref _hashes);

    /// <summary>Errors, the commonest first.</summary>
    public ImmutableArray<ErrorKind> Errors =>
        [.. _errors.Select(error => new ErrorKind(error.Key, error.Value.Count, error.Value.Example)).OrderByDescending(error => error.Count)];

    public void Error(string kind, string example) => _errors.GetOrAdd(kind, _ => new Entry(example)).Add();

    public void CountConnection(int change) => Interlocked.Add(ref _connected, change);

    public void CountAuthorized(int change) => Interlocked.Add(ref _authorized, change);

    public void CountJob(bool clean)
    {
        Interlocked.Increment(ref _jobs);
        if (clean) Interlocked.Increment(ref _cleanJobs);
    }

    public void CountBytes(int count) => Interlocked.Add(ref _bytes, count);

    public void CountSubmitted() => Interlocked.Increment(ref _submitted);

    public void CountAccepted() => Interlocked.Increment(ref _accepted);

    public void CountStale() => Interlocked.Increment(ref _stale);

    public void CountLow() => Interlocked.Increment(ref _low);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountLate() => Interlocked.Increment(ref _late);

    public void CountHashes(int count) => Interlocked.Add(ref _hashes, count);

    private sealed class Entry(string example)
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public string Example => example;

        public void Add() => Interlocked.Increment(ref _count);
    }
}
