namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>How a membership table treats its store.</summary>
internal sealed record MembershipTableSettings
{
    /// <summary>Whether this process holds the only silo there can be.</summary>
    internal bool OnlySilo { get; init; }

    /// <summary>How long a joining silo lets living ones mend the store first; zero when the store cannot go back.</summary>
    internal TimeSpan SettleTime { get; init; }

    /// <summary>A silo whose last sign of life is older counts as not living.</summary>
    internal TimeSpan SettleFreshness { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Version of the view that Orleans itself holds, which may have come by gossip.</summary>
    internal Func<long> VersionKnownToOrleans { get; init; } = static () => 0;
}
