namespace Grainpool.Orleans.AzureStorage.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grainpool-storage-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
