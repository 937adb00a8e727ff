using System.Net;

namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>How a membership table treats its store.</summary>
internal sealed record MembershipTableSettings
{
    /// <summary>Whether this process holds the only silo there can be.</summary>
    internal bool OnlySilo { get; init; }

    /// <summary>
    /// Time in which living silos, which read the table now and then, mend a store that has gone back; zero when the store cannot go back.
    /// </summary>
    internal TimeSpan MendingTime { get; init; }

    /// <summary>A silo whose last sign of life is older counts as not living.</summary>
    internal TimeSpan Freshness { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>This silo's own address: an older row with it is of its former self, which has ended.</summary>
    internal Func<IPEndPoint?> OwnEndpoint { get; init; } = static () => null;

    /// <summary>What Orleans itself holds of the cluster.</summary>
    internal Func<OrleansView> KnownToOrleans { get; init; } = static () => OrleansView.Nothing;
}
