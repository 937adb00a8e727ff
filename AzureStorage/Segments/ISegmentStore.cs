namespace Grainpool.Orleans.AzureStorage;

/// <summary>
/// Append-only logs of one share chain: numbered segments, of which the last is open and the others are sealed. The bytes are opaque here.
/// </summary>
/// <remarks>
/// The position that each append names is the fence: a writer that has been replaced finds another length than it expects.
/// A crash can leave a torn record at the end of an open segment. Appending behind it would hide what follows from a reader that cuts at the
/// first bad record: whoever loads such a segment seals its good prefix with <see cref="Seal"/>, or goes on in the next segment.
/// </remarks>
public interface ISegmentStore
{
    /// <summary>Name of the share chain.</summary>
    string Chain { get; }

    /// <summary>How long after an acknowledged write a crash of the store may still undo it; zero when an acknowledged write stays.</summary>
    TimeSpan DurabilityLag { get; }

    /// <summary>All segments, by ascending number.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read.</exception>
    Task<IReadOnlyList<SegmentDescription>> List(CancellationToken cancellationToken);

    /// <summary>The whole content of a segment; empty when there is no such segment.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read, or the segment is longer than <see cref="SegmentLimits.MaxSegmentLength"/>.</exception>
    Task<byte[]> Read(long segment, CancellationToken cancellationToken);

    /// <summary>
    /// Writes <paramref name="records"/> at <paramref name="expectedPosition"/> if the open segment is exactly that long, and makes them durable
    /// before answering. Position 0 creates the segment.
    /// </summary>
    /// <remarks>
    /// Repeating an append whose answer was lost is safe: bytes that already stand at that position, as the last ones, count as appended.
    /// </remarks>
    Task<AppendResult> Append(long segment, long expectedPosition, ReadOnlyMemory<byte> records, CancellationToken cancellationToken);

    /// <summary>Length of a segment in bytes, or <see langword="null"/> when there is no such segment.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be read.</exception>
    Task<long?> Length(long segment, CancellationToken cancellationToken);

    /// <summary>Replaces the segment by <paramref name="content"/> and closes it for appends. May be repeated.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be written; the segment stays as it was or is sealed.</exception>
    Task Seal(long segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Removes a segment, open or sealed; removing what is not there succeeds.</summary>
    /// <exception cref="StorageUnavailableException">The store cannot be written.</exception>
    Task Delete(long segment, CancellationToken cancellationToken);
}
