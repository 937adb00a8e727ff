using Azure.Data.Tables;

namespace Orleans.Configuration;

/// <summary>Where a client finds the cluster's membership.</summary>
public class AzureStorageGatewayOptions
{
    /// <summary>Client of the storage account.</summary>
    public TableServiceClient? TableServiceClient { get; set; }

    /// <summary>Name of the table.</summary>
    public string TableName { get; set; } = AzureStorageClusteringOptions.DEFAULT_TABLE_NAME;
}
