using System.Collections.Immutable;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>What a row must be like for a change to happen.</summary>
internal enum RowCondition
{
    /// <summary>There is no such row yet.</summary>
    Absent,

    /// <summary>The row has the tag it was read with.</summary>
    Unchanged,

    /// <summary>Anything: the condition on the version row guards the change.</summary>
    Any,
}

/// <summary>A change of one row; <paramref name="Entry"/> is <see langword="null"/> to remove it.</summary>
internal sealed record RowChange(SiloAddress Silo, MembershipEntry? Entry, RowCondition Condition, string? ETag = null)
{
    internal static RowChange Insert(MembershipEntry entry) => new(entry.SiloAddress, entry, RowCondition.Absent);

    internal static RowChange Replace(MembershipEntry entry, string etag) => new(entry.SiloAddress, entry, RowCondition.Unchanged, etag);

    internal static RowChange Put(MembershipEntry entry) => new(entry.SiloAddress, entry, RowCondition.Any);

    internal static RowChange Remove(StoredRow row) => new(row.Entry.SiloAddress, null, RowCondition.Unchanged, row.ETag);
}

/// <summary>Rows that change together with the version row, or not at all.</summary>
/// <param name="ExpectedVersionETag">Tag the version row must have; <see langword="null"/> when there must be none.</param>
/// <param name="Version">The new version.</param>
/// <param name="Rows">At most <see cref="MaxRows"/> changes.</param>
internal sealed record MembershipChange(string? ExpectedVersionETag, int Version, ImmutableArray<RowChange> Rows)
{
    /// <summary>An entity-group transaction of Azure Tables takes 100 rows; one is the version row.</summary>
    internal const int MaxRows = 99;
}
