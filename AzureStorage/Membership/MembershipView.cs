using System.Collections.Immutable;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>The highest view of the cluster that this process has seen, and what to do about a store that knows less.</summary>
/// <remarks>
/// Orleans ignores a view older than its own. A store that forgets a join therefore splits the cluster for good and silently: old silos keep
/// the forgotten silo, new ones never hear of it, and both activate the same grain.
/// </remarks>
internal sealed record MembershipView(int Version, ImmutableDictionary<SiloAddress, MembershipEntry> Entries)
{
    internal static MembershipView Empty { get; } = new(0, ImmutableDictionary<SiloAddress, MembershipEntry>.Empty);

    internal static MembershipView Of(StoredMembership stored) =>
        new(stored.Version, stored.Rows.ToImmutableDictionary(row => row.Entry.SiloAddress, row => row.Entry.Copy()));

    /// <summary>Whether the store has forgotten something that was read from it before.</summary>
    /// <param name="stored">What it says now.</param>
    /// <remarks>
    /// A lower version, or the same with rows missing, is plain. A higher one tells nothing by itself: a silo that joined after the store went back
    /// has counted it up again. Then the rows decide, because two things never happen to them: an active silo's row is not removed before the silo is
    /// dead, and no status goes back to an earlier one.
    /// </remarks>
    internal bool IsAheadOf(MembershipView stored)
    {
        if (stored.Version < Version) return true;
        foreach (var (silo, known) in Entries)
        {
            if (!stored.Entries.TryGetValue(silo, out var read))
            {
                if (stored.Version == Version || known.Status == SiloStatus.Active) return true;
            }
            else if (read.Status < known.Status)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>All that either view knows, newer than both; of one silo's two rows the later status wins, then the later sign of life.</summary>
    internal MembershipView Union(MembershipView stored) => new(
        checked(Math.Max(Version, stored.Version) + 1),
        Entries.Values.Concat(stored.Entries.Values)
            .GroupBy(entry => entry.SiloAddress)
            .ToImmutableDictionary(
                rows => rows.Key,
                rows => rows.OrderBy(entry => entry.Status).ThenBy(entry => entry.LastSeen()).Last()));

    /// <summary>The rows of this view that the store lacks or has otherwise, the important ones first: living silos, then by last sign of life.</summary>
    internal ImmutableArray<MembershipEntry> Missing(MembershipView stored) =>
    [
        .. Entries.Values
            .Where(entry => !stored.Entries.TryGetValue(entry.SiloAddress, out var read) || read.Status != entry.Status)
            .OrderBy(entry => entry.Status == SiloStatus.Dead)
            .ThenByDescending(entry => entry.LastSeen())
            .Take(MembershipChange.MaxRows),
    ];

    /// <summary>This view after a write of our own.</summary>
    internal MembershipView With(MembershipEntry entry, int version) =>
        new(Math.Max(Version, version), Entries.SetItem(entry.SiloAddress, entry.Copy()));
}
