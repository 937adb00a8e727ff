using System.Collections.Immutable;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>What Orleans itself holds of the cluster. It may have come by gossip, ahead of the next read of the table.</summary>
internal sealed record OrleansView(long Version, ImmutableHashSet<SiloAddress> Active)
{
    internal static OrleansView Nothing { get; } = new(0, []);

    internal static OrleansView Of(ClusterMembershipSnapshot? snapshot) => snapshot is null || snapshot.Version.Value <= 0
        ? Nothing
        : new OrleansView(
            snapshot.Version.Value,
            [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)]);
}
