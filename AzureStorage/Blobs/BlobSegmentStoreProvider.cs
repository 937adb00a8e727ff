using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Grainpool.Orleans.AzureStorage.State;

namespace Grainpool.Orleans.AzureStorage.Blobs;

/// <summary>Segment stores in one container of a storage account.</summary>
internal sealed class BlobSegmentStoreProvider(BlobServiceClient service, string containerName) : ISegmentStoreProvider
{
    /// <summary>Twice the emulator's save period: what is older than that has been on its disk.</summary>
    private static readonly TimeSpan EmulatorLag = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, BlobSegmentStore> _stores = new(StringComparer.Ordinal);

    public ISegmentStore Open(string chain) => _stores.GetOrAdd(chain, name => new BlobSegmentStore(
        name,
        service.GetBlobContainerClient(containerName),
        StoredName.Of(name),
        AzureStorageClients.IsEmulator(service.AccountName) ? EmulatorLag : TimeSpan.Zero));
}
