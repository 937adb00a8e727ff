using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Grainpool.Verthash;

/// <summary>A file mapped read-only. See <see cref="VerthashMemoryMode.Map"/>, also for what ends the process.</summary>
internal sealed unsafe class MappedMemory : DataFileMemory
{
    private const int SmallestPage = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedMemory(MemoryMappedFile file, MemoryMappedViewAccessor view, nint address, long length) : base(address, length)
    {
        _file = file;
        _view = view;
    }

    /// <summary>Maps the first <paramref name="length"/> bytes of a file, which stays open for as long as the memory lives.</summary>
    /// <exception cref="IOException">The system does not map it.</exception>
    /// <exception cref="UnauthorizedAccessException">The system does not allow it.</exception>
    public static MappedMemory Map(SafeFileHandle file, long length)
    {
        var mapped = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            var view = mapped.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new MappedMemory(mapped, view, (nint)start + (nint)view.PointerOffset, length);
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    /// <summary>Touches every page, so that the first hashes do not wait for the disk.</summary>
    public void Touch(IProgress<double>? progress, CancellationToken ct)
    {
        const int Piece = 1 << 22;
        using var held = Hold();
        progress?.Report(0);
        for (long offset = 0; offset < Length; offset += Piece)
        {
            ct.ThrowIfCancellationRequested();
            var end = Math.Min(offset + Piece, Length);
            for (var at = offset; at < end; at += SmallestPage)
                _ = Volatile.Read(ref Start[at]);
            progress?.Report((double)end / Length);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        return true;
    }
}
