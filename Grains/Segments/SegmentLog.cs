using System.Collections.Immutable;
using Grainpool.Orleans.AzureStorage;

namespace Grainpool.Grains.Segments;

/// <summary>What the segments of a chain held when a new writer took them over, and where it goes on.</summary>
/// <param name="Epoch">Epoch of the new writer; it already shows itself in the store.</param>
/// <param name="Shares">All shares that could be read, oldest first; no share twice.</param>
/// <param name="Open">The segment that is written next.</param>
/// <param name="Places">Which segment holds which share.</param>
/// <param name="Faults">What could not be read or used, and why, in words.</param>
internal sealed record SegmentLog(
    long Epoch, ImmutableArray<LoadedShare> Shares, WrittenSegment Open, SegmentPlaces Places, ImmutableArray<string> Faults)
{
    /// <summary>Reads all segments and shows the new writer in the last one, which shuts out whoever wrote there before.</summary>
    /// <param name="store">The segments.</param>
    /// <param name="format">Their records.</param>
    /// <param name="now">Its milliseconds are the epoch unless a later one is there: two activations never share an epoch, even if the store forgot one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StorageUnavailableException">The store cannot be read or written.</exception>
    public static async Task<SegmentLog> TakeOver(ISegmentStore store, ISegmentFormat format, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (true)
        {
            var segments = await store.List(cancellationToken);
            var contents = new List<LoadedSegment>();
            foreach (var segment in segments)
                contents.Add(new LoadedSegment(segment, await store.Read(segment.Number, cancellationToken), format));

            var latest = contents.Select(content => content.Records.LatestEpoch).DefaultIfEmpty().Max();
            var epoch = Math.Max(latest + 1, now.ToUnixTimeMilliseconds());
            if (await ShowIn(store, contents.LastOrDefault(), format.Epoch(epoch), cancellationToken) is not { } open) continue;

            // A writer that was just beginning the next segment would not have noticed.
            var after = await store.List(cancellationToken);
            if (after.Any(segment => segment.Number > open.Number || (segment.Number == open.Number && segment.Sealed))) continue;
            return Merge(contents, epoch, open);
        }
    }

    // Null when somebody wrote in the meantime, and all is to be read again.
    private static async Task<WrittenSegment?> ShowIn(ISegmentStore store, LoadedSegment? last, byte[] epoch, CancellationToken cancellationToken)
    {
        if (last is null) return await Begin(store, 0, epoch, cancellationToken);
        // A writer that had no limit of its own may have left no room; it cannot append either, and finds the next segment taken.
        var isFull = last.Bytes.Length + epoch.Length > SegmentLimits.MaxSegmentLength;
        if (last.Description.Sealed || isFull) return await Begin(store, last.Description.Number + 1, epoch, cancellationToken);

        if (!await TryAppend(store, last.Description.Number, last.Bytes.Length, epoch, cancellationToken)) return null;
        if (last.IsWhole) return new WrittenSegment(last.Description.Number, [.. last.Bytes, .. epoch], last.Records.Shares.Length);

        // Nothing behind a torn record would ever be read: keep the good part, and go on in the next segment.
        await store.Seal(last.Description.Number, (byte[])[.. last.Bytes.AsSpan(0, last.Records.GoodLength), .. epoch], cancellationToken);
        return await Begin(store, last.Description.Number + 1, epoch, cancellationToken);
    }

    private static async Task<WrittenSegment?> Begin(ISegmentStore store, long number, byte[] epoch, CancellationToken cancellationToken) =>
        await TryAppend(store, number, 0, epoch, cancellationToken) ? new WrittenSegment(number, epoch, 0) : null;

    private static async Task<bool> TryAppend(ISegmentStore store, long number, long position, byte[] epoch, CancellationToken cancellationToken) =>
        await store.Append(number, position, epoch, cancellationToken) switch
        {
            AppendResult.Appended => true,
            AppendResult.Unavailable unavailable => throw new StorageUnavailableException(unavailable.Reason),
            _ => false,
        };

    private static SegmentLog Merge(List<LoadedSegment> contents, long epoch, WrittenSegment open)
    {
        var places = new SegmentPlaces();
        var shares = ImmutableArray.CreateBuilder<LoadedShare>();
        var faults = ImmutableArray.CreateBuilder<string>();
        HashSet<P2Pool.Primitives.Hash256> seen = [];
        foreach (var content in contents)
        {
            var (number, records) = (content.Description.Number, content.Records);
            shares.AddRange(records.Shares.Where(share => seen.Add(share.Hash)));
            if (!content.IsWhole) faults.Add($"segment {number} is readable up to byte {records.GoodLength} of {content.Bytes.Length}: {records.Damage}");
            // A segment of which nothing is understood may be of use to another version; it is left alone.
            if (!records.Shares.IsEmpty || records.Unfit.IsEmpty) places.Found(number, records.Shares.Select(share => share.Hash));
        }

        if (Unfit(contents) is { } unfit) faults.Add(unfit);
        places.Found(open.Number, []);
        return new SegmentLog(epoch, shares.ToImmutable(), open, places, faults.ToImmutable());
    }

    private static string? Unfit(List<LoadedSegment> contents)
    {
        var faults = contents.SelectMany(content => content.Records.Unfit).ToList();
        if (faults.Count == 0) return null;
        var stored = faults.Count + contents.Sum(content => content.Records.Shares.Length);
        var usual = faults.CountBy(fault => fault).MaxBy(each => each.Value);
        return $"{faults.Count} of {stored} shares are none of this network ({usual.Value} of them: {usual.Key})";
    }

    private sealed class LoadedSegment(SegmentDescription description, byte[] bytes, ISegmentFormat format)
    {
        public SegmentDescription Description { get; } = description;

        public byte[] Bytes { get; } = bytes;

        public SegmentRecords Records { get; } = format.Read(bytes);

        public bool IsWhole => Records.GoodLength == Bytes.Length;
    }
}
