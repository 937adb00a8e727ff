namespace Grainpool.Orleans.AzureStorage;

/// <summary>The <c>storage:</c> section of orleans.yaml.</summary>
public sealed class StorageOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "storage";

    /// <summary>The connection string that means the emulator on its usual ports.</summary>
    public const string Emulator = "UseDevelopmentStorage=true";

    /// <summary>Where everything is kept. Silo and gateways must agree.</summary>
    public StorageKind Kind { get; set; } = StorageKind.Azure;

    /// <summary>Azure Storage connection string; used when <see cref="Kind"/> is <see cref="StorageKind.Azure"/>.</summary>
    public string ConnectionString { get; set; } = Emulator;

    /// <summary>Folder, made when missing; used when <see cref="Kind"/> is <see cref="StorageKind.File"/>.</summary>
    public string Folder { get; set; } = "data/storage";

    /// <summary>
    /// Name of the cluster: silos and gateways of one name find each other, and containers, queues and rows bear it.
    /// 3 to 40 lower-case letters, digits and single hyphens.
    /// </summary>
    public string ClusterId { get; set; } = "grainpool";

    /// <summary>Number of queues the events are spread over, 1 to 16.</summary>
    public int EventQueues { get; set; } = 2;

    /// <summary>Seconds after which an event taken by a silo that died is given to another, 5 to 600.</summary>
    public int EventRedeliverySeconds { get; set; } = 20;
}
