using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Whole-file writes that either happened or did not, whenever the power goes.</summary>
internal static partial class DurableFile
{
    private const int ReadOnly = 0;

    /// <summary>Puts <paramref name="content"/> in place of the file: written beside it, flushed, renamed over it, and the folder flushed.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        var beside = $"{path}.tmp";
        using (var handle = File.OpenHandle(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(beside, path, overwrite: true);
        FlushFolder(folder);
    }

    /// <summary>Removes the file for good; one that is not there is as good as removed.</summary>
    internal static void Remove(string path)
    {
        if (!File.Exists(path)) return;
        File.Delete(path);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Reads the file, or returns <see langword="null"/> when there is none.</summary>
    internal static byte[]? TryRead(string path, long maxLength)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            if (length > maxLength)
                throw new StorageUnavailableException($"{path} is {length} bytes long; {maxLength} are allowed, so it is not what it should be.");
            var content = new byte[length];
            var read = ReadFully(handle, content, 0);
            return read == length ? content : content[..read];
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    internal static int ReadFully(SafeFileHandle handle, Span<byte> buffer, long position)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(handle, buffer[total..], position + total);
            if (read == 0) break;
            total += read;
        }

        return total;
    }

    /// <summary>Makes a folder and flushes each parent that got a new entry.</summary>
    internal static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (parent is not null) MakeFolder(parent);
        Directory.CreateDirectory(folder);
        if (parent is not null) FlushFolder(parent);
    }

    /// <summary>Makes names in a folder durable. Windows keeps them in its own journal and has no such call.</summary>
    internal static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = OpenPath(folder, ReadOnly);
        if (descriptor < 0) throw new IOException($"Folder {folder} cannot be opened to flush it (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            if (Flush(descriptor) != 0) throw new IOException($"Folder {folder} cannot be flushed (errno {Marshal.GetLastPInvokeError()}).");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
