using Azure.Storage.Blobs;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Where a silo keeps grain state as blobs.</summary>
public class AzureBlobStorageOptions : IStorageProviderSerializerOptions
{
#pragma warning disable CA1707 // The official name.
    /// <summary>Name of the container unless another is set.</summary>
    public const string DEFAULT_CONTAINER_NAME = "grainstate";
#pragma warning restore CA1707

    /// <summary>Client of the storage account.</summary>
    public BlobServiceClient? BlobServiceClient { get; set; }

    /// <summary>Name of the container; made when missing.</summary>
    public string ContainerName { get; set; } = DEFAULT_CONTAINER_NAME;

    /// <inheritdoc/>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = default!;
}
