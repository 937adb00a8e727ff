using Microsoft.Win32.SafeHandles;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>Whole-file writes that either happened or did not, whenever the power goes.</summary>
internal static class DurableFile
{
    /// <summary>Puts <paramref name="content"/> in place of the file: written beside it, flushed, renamed over it, and the folder flushed.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        DurableFolder.Make(folder);
        var beside = $"{path}.tmp";
        using (var handle = File.OpenHandle(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            RandomAccess.Write(handle, content, 0);
            RandomAccess.FlushToDisk(handle);
        }

        File.Move(beside, path, overwrite: true);
        DurableFolder.Flush(folder);
    }

    /// <summary>Removes the file for good; one that is not there is as good as removed.</summary>
    internal static void Remove(string path)
    {
        if (!File.Exists(path)) return;
        File.Delete(path);
        DurableFolder.Flush(Path.GetDirectoryName(path)!);
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
}
