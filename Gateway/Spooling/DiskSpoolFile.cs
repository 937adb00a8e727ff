using Microsoft.Win32.SafeHandles;

namespace Grainpool.Gateway.Spooling;

/// <summary>A spool file on a disk, locked against a second gateway.</summary>
internal sealed class DiskSpoolFile : ISpoolFile
{
    private readonly SafeFileHandle _handle;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="IOException">It cannot be opened, or another process has it.</exception>
    public DiskSpoolFile(string path)
    {
        Name = path;
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    public string Name { get; }

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(long offset, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length && RandomAccess.Read(_handle, buffer[total..], offset + total) is > 0 and var read) total += read;
        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
