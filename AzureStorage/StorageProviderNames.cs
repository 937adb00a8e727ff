namespace Grainpool.Orleans.AzureStorage;

/// <summary>Names under which grains ask for what <c>UseGrainpoolStorage</c> sets up.</summary>
public static class StorageProviderNames
{
    /// <summary>Grain state: <c>[PersistentState("state", StorageProviderNames.Grains)]</c>. Kept as JSON.</summary>
    public const string Grains = "grains";

    /// <summary>Stream provider for events that people look at: blocks, payouts, alerts, history.</summary>
    public const string Events = "events";

    /// <summary>Grain state of Orleans' own stream subscriptions; the name is Orleans' choice.</summary>
    public const string Subscriptions = "PubSubStore";
}
