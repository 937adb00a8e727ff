using Azure.Storage.Blobs.Specialized;
using Grainpool.Orleans.AzureStorage.Blobs;
using Grainpool.Orleans.AzureStorage.State;

namespace Grainpool.Orleans.AzureStorage.Tests;

public sealed class BlobSegmentStoreTests(AzuriteServer azurite) : SegmentStoreContract
{
    private readonly string _container = $"segments-{Guid.NewGuid():N}";

    protected override async Task<ISegmentStore> Open(string chain = "vertcoin") =>
        new BlobSegmentStoreProvider(new AzureStorageClients(await azurite.ConnectionString()).Blobs, _container).Open(chain);

    protected override async Task GoBack(string chain, long segment, int length)
    {
        var container = new AzureStorageClients(await azurite.ConnectionString()).Blobs.GetBlobContainerClient(_container);
        var blob = container.GetAppendBlobClient($"{StoredName.Of(chain)}/{segment:D12}.open");
        var content = (await blob.DownloadContentAsync(TestContext.Current.CancellationToken)).Value.Content.ToArray();
        await blob.DeleteAsync();
        await blob.CreateAsync();
        await blob.AppendBlockAsync(new MemoryStream(content, 0, length));
    }

    [Fact]
    public async Task DurabilityLag_OnEmulator_IsTwiceItsSavePeriod() => Assert.Equal(TimeSpan.FromSeconds(10), (await Open()).DurabilityLag);

    [Fact]
    public async Task Append_WhileStorageIsDown_IsUnavailableAndSaysWhere()
    {
        var nowhere = (await azurite.ConnectionString()).Replace("http://127.0.0.1:", "http://127.0.0.1:1/", StringComparison.Ordinal);
        var store = new BlobSegmentStoreProvider(new AzureStorageClients(nowhere).Blobs, _container).Open("vertcoin");
        var refusal = Assert.IsType<AppendResult.Unavailable>(await store.Append(0, 5, new byte[] { 1 }, TestContext.Current.CancellationToken));
        Assert.Contains("127.0.0.1:1", refusal.Reason);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.List(TestContext.Current.CancellationToken));
    }
}
