namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>A lock between processes: a file held open for nobody else. The system frees it when the process ends, however it ends.</summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or returns <see langword="null"/> when somebody else holds it.</summary>
    internal static FileLock? TryTake(string path)
    {
        DurableFolder.Make(Path.GetDirectoryName(path)!);
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            file.Flush();
            return new FileLock(file);
        }
        catch (IOException failure) when (IsHeld(failure))
        {
            return null;
        }
    }

    /// <summary>Takes the lock as soon as its holder lets go, within <paramref name="patience"/>.</summary>
    internal static async Task<FileLock> Take(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } taken) return taken;
            if (System.Diagnostics.Stopwatch.GetElapsedTime(started) > patience)
                throw new StorageUnavailableException($"{path} is locked by another process.");
            await Task.Delay(5, cancellationToken);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Sharing violation on Windows; the system's "would block" elsewhere (11 on Linux, 35 on macOS).</summary>
    private static bool IsHeld(IOException failure) => OperatingSystem.IsWindows()
        ? (failure.HResult & 0xFFFF) is 32 or 33
        : failure.HResult is 11 or 35;
}
