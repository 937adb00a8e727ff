using Azure.Data.Tables;

namespace Orleans.Configuration;

/// <summary>Where a silo keeps the cluster's membership.</summary>
public class AzureStorageClusteringOptions
{
#pragma warning disable CA1707 // The official name.
    /// <summary>Name of the table unless another is set.</summary>
    public const string DEFAULT_TABLE_NAME = "OrleansSiloInstances";
#pragma warning restore CA1707

    /// <summary>Client of the storage account.</summary>
    public TableServiceClient? TableServiceClient { get; set; }

    /// <summary>Name of the table.</summary>
    public string TableName { get; set; } = DEFAULT_TABLE_NAME;
}
