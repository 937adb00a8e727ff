using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Segment stores in the cluster's folder.</summary>
internal sealed class FileSegmentStoreProvider(StorageFolder folder, ILogger<FileSegmentStore> logger) : ISegmentStoreProvider, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<FileSegmentStore>> _stores = new(StringComparer.Ordinal);

    public ISegmentStore Open(string chain) =>
        _stores.GetOrAdd(chain, name => new Lazy<FileSegmentStore>(() => new FileSegmentStore(name, folder.Segments(name), logger))).Value;

    public void Dispose()
    {
        foreach (var store in _stores.Values)
            if (store.IsValueCreated) store.Value.Dispose();
        _stores.Clear();
    }
}
