using Grainpool.Orleans.AzureStorage.Blobs;
using Grainpool.Orleans.AzureStorage.Providers.Persistence;
using Grainpool.Orleans.AzureStorage.State;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class BlobGrainStorageTests(AzuriteServer azurite) : GrainStorageContract
{
    private readonly string _container = $"grains-{Guid.NewGuid():N}";

    private protected override async Task<IGrainStorage> Storage(IGrainStorageSerializer? serializer = null)
    {
        var container = new AzureStorageClients(await azurite.ConnectionString()).Blobs.GetBlobContainerClient(_container);
        return new BlobGrainStorage(container, serializer ?? new GrainStateJson(), Activators);
    }
}
