namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Holds the folder for one silo as long as that silo lives.</summary>
internal sealed class FolderOwnership(StorageFolder folder) : IDisposable
{
    private readonly Lock _lock = new();
    private FileLock? _held;

    /// <summary>Takes the folder; repeating it is free.</summary>
    /// <exception cref="StorageUnavailableException">Another silo holds it.</exception>
    internal void Take()
    {
        lock (_lock)
        {
            _held ??= FileLock.TryTake(folder.SiloLock) ?? throw new StorageUnavailableException(
                $"another silo holds {folder.SiloLock}; plain files serve one silo only");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _held?.Dispose();
            _held = null;
        }
    }
}
