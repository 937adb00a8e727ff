namespace Grainpool.Orleans.AzureStorage;

/// <summary>Where a cluster keeps its membership, grain state, share segments and events.</summary>
public enum StorageKind
{
    /// <summary>Azure Storage, or its emulator: any number of silos.</summary>
    Azure,

    /// <summary>Plain files in one folder: one silo on one machine, gateways on the same machine.</summary>
    File,
}
