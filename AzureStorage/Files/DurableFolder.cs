using System.Runtime.InteropServices;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Folders whose entries outlive a cut of power: the contents of a file can be flushed by its handle, its name only by its folder.</summary>
public static partial class DurableFolder
{
    private const int ReadOnly = 0;

    /// <summary>Makes a folder and flushes each parent that got a new entry.</summary>
    /// <exception cref="IOException">It cannot be made or flushed.</exception>
    /// <exception cref="UnauthorizedAccessException">Not allowed to.</exception>
    public static void Make(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (parent is not null) Make(parent);
        Directory.CreateDirectory(folder);
        if (parent is not null) Flush(parent);
    }

    /// <summary>Makes names in a folder durable. Windows keeps them in its own journal and has no such call.</summary>
    /// <exception cref="IOException">It cannot be flushed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenPath(folder, ReadOnly);
        if (descriptor < 0) throw new IOException($"Folder {folder} cannot be opened to flush it (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (FlushDescriptor(descriptor) != 0) throw new IOException($"Folder {folder} cannot be flushed (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
