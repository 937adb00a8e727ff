using System.Collections.Immutable;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>One silo's row as it is stored, with the tag that a conditional write of it names.</summary>
internal sealed record StoredRow(MembershipEntry Entry, string ETag);

/// <summary>The whole table at one moment.</summary>
/// <param name="Version">Version of the view; 0 when nothing was ever stored.</param>
/// <param name="VersionETag">Tag of the version row; <see langword="null"/> when there is none.</param>
/// <param name="Rows">One row a silo.</param>
internal sealed record StoredMembership(int Version, string? VersionETag, ImmutableArray<StoredRow> Rows)
{
    internal static StoredMembership Nothing { get; } = new(0, null, []);
}
