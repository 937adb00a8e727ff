using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Grains.Segments;

/// <summary>What the bytes of a segment mean.</summary>
internal interface ISegmentFormat
{
    /// <summary>The record by which a writer shows itself; every segment begins with one.</summary>
    byte[] Epoch(long epoch);

    /// <summary>The record of a share.</summary>
    byte[] Share(KnownShare share);

    /// <summary>Reads a segment up to the first record that is torn or broken.</summary>
    SegmentRecords Read(ReadOnlyMemory<byte> segment);
}

/// <summary>What could be read of a segment.</summary>
/// <param name="Shares">Its shares, in the order written.</param>
/// <param name="LatestEpoch">The latest writer that showed itself; 0 for none.</param>
/// <param name="GoodLength">Bytes up to the first record that cannot be read.</param>
/// <param name="Damage">What is wrong with that record; null when there is none.</param>
/// <param name="Unfit">What is wrong with the shares of whole records that do not pass the network's checks; they are left out.</param>
internal sealed record SegmentRecords(
    ImmutableArray<LoadedShare> Shares, long LatestEpoch, int GoodLength, string? Damage, ImmutableArray<ShareFault> Unfit);

/// <summary>A share read from a segment.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Known">The share and what we knew of it.</param>
internal sealed record LoadedShare(Hash256 Hash, KnownShare Known);
