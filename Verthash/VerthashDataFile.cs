using Microsoft.Win32.SafeHandles;

namespace Grainpool.Verthash;

/// <summary>The table that Verthash reads, in memory.</summary>
/// <remarks>
/// Every hash touches 4096 rows all over the table, so it is held resident: 1.28 GB for Vertcoin. One instance serves any
/// number of threads. After <see cref="Dispose"/> hashes under way still finish; new ones fail.
/// </remarks>
public sealed class VerthashDataFile : IDisposable
{
    private const int PieceLength = 1 << 22;

    private VerthashDataFile(int index, VerthashMemoryMode mode, DataFileMemory memory)
    {
        Index = index;
        Length = VerthashDataFileSpecification.LengthOf(index);
        Mode = mode;
        Memory = memory;
    }

    /// <summary>Length of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>How it is kept in memory; never <see cref="VerthashMemoryMode.Auto"/>.</summary>
    public VerthashMemoryMode Mode { get; }

    /// <summary>Bytes of memory it takes.</summary>
    public long MemoryBytes => Memory.Length;

    /// <summary>Bytes of them that lie on pages of 2 MB, as the system itself says at this moment; 0 where it says nothing.</summary>
    /// <remarks>Reads the system's accounts of the whole process: some milliseconds.</remarks>
    public long HugePageBytes => Math.Min(Memory.HugePageBytes, MemoryBytes);

    /// <summary>The size parameter <c>n</c> of the table; 17 is Vertcoin's.</summary>
    public int Index { get; }

    /// <summary>The number of places where a row of 32 bytes can start: every 16 bytes.</summary>
    public long RowPositions => RowPositionsOf(Length);

    /// <summary>How the rows lie in memory.</summary>
    public VerthashRowLayout Layout => Mode == VerthashMemoryMode.Lines ? VerthashRowLayout.Lines : VerthashRowLayout.File;

    internal static long RowPositionsOf(long length) => ((length - VerthashHasher.RowLength) / VerthashHasher.RowAlignment) + 1;

    internal DataFileMemory Memory { get; }

    /// <summary>Reads a data file into memory as <see cref="VerthashMemoryMode.Auto"/> does, and checks it.</summary>
    /// <inheritdoc cref="Load(string, VerthashDataFileSpecification, VerthashMemoryMode, IProgress{double}?, CancellationToken)"/>
    public static VerthashDataFile Load(
        string path, VerthashDataFileSpecification expected, IProgress<double>? progress = null, CancellationToken ct = default) =>
        Load(path, expected, VerthashMemoryMode.Auto, progress, ct);

    /// <summary>Brings a data file into memory and checks it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it must be, for example <see cref="VerthashDataFileSpecification.Full"/>.</param>
    /// <param name="mode">How it is to be kept.</param>
    /// <param name="progress">Told the part done, 0 to 1, on the calling thread.</param>
    /// <param name="ct">Stops reading.</param>
    /// <remarks>
    /// The SHA-256 is computed the first time and remembered in <c>&lt;path&gt;.verified</c> with length and time of last change;
    /// while those still hold, later calls only read. <see cref="Verify"/> always computes it.
    /// </remarks>
    /// <exception cref="VerthashDataFileException">The file is missing, unreadable or not the expected one, or there is no memory for it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static VerthashDataFile Load(
        string path, VerthashDataFileSpecification expected, VerthashMemoryMode mode, IProgress<double>? progress = null,
        CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(expected);
        using var file = DataFileReader.Open(path, expected);
        var changed = File.GetLastWriteTimeUtc(file);
        var trusted = VerifiedMark.Holds(path, changed, expected);
        var (obtained, memory) = Obtain(mode, file, path, expected);
        try
        {
            using (memory.Hold())
                Fill(memory, obtained, file, path, expected, trusted, progress, ct);
            memory.Gather();
            // A file written to while it was read may have changed behind the reader: what is in memory is good, the mark would not be.
            if (!trusted && File.GetLastWriteTimeUtc(file) == changed)
                VerifiedMark.Write(path, changed, expected);
            return new VerthashDataFile(expected.Index, obtained, memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>A private copy on ordinary pages: what software that does not ask for better ones reads.</summary>
    internal static VerthashDataFile LoadOnOrdinaryPages(
        string path, VerthashDataFileSpecification expected, IProgress<double>? progress, CancellationToken ct)
    {
        using var file = DataFileReader.Open(path, expected);
        var memory = OrdinaryMemory.Allocate(expected.Length);
        try
        {
            using (memory.Hold())
                DataFileReader.Read(file, path, expected, trusted: false, memory.Slice, progress, ct);
            return new VerthashDataFile(expected.Index, VerthashMemoryMode.Copy, memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Reads a data file and compares its length and SHA-256, whatever was remembered of it, without keeping it in memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it must be.</param>
    /// <param name="progress">Told the part done, 0 to 1, on the calling thread.</param>
    /// <param name="ct">Stops reading.</param>
    /// <exception cref="VerthashDataFileException">The file is missing, unreadable or not the expected one.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Verify(
        string path, VerthashDataFileSpecification expected, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(expected);
        using var file = DataFileReader.Open(path, expected);
        var changed = File.GetLastWriteTimeUtc(file);
        var buffer = Array.Empty<byte>();
        try
        {
            DataFileReader.Read(file, path, expected, trusted: false, Buffer, progress, ct);
        }
        catch (VerthashDataFileException)
        {
            VerifiedMark.Remove(path);
            throw;
        }
        if (File.GetLastWriteTimeUtc(file) == changed)
            VerifiedMark.Write(path, changed, expected);

        Span<byte> Buffer(long offset, int length)
        {
            if (buffer.Length < length)
                buffer = GC.AllocateUninitializedArray<byte>(length);
            return buffer.AsSpan(0, length);
        }
    }

    /// <summary>Makes a table in memory without any file: for tests and simulated networks, with a small index.</summary>
    /// <param name="index">1 to <see cref="VerthashDataFileSpecification.LargestIndex"/>; 8 takes some milliseconds, 12 about half a second.</param>
    /// <param name="layout">How the rows are to lie.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public static VerthashDataFile InMemory(int index, VerthashRowLayout layout = VerthashRowLayout.File)
    {
        var memory = DataFileMemory.Allocate(VerthashDataFileSpecification.LengthOf(index));
        VerthashGraph.Write(index, memory, progress: null, CancellationToken.None);
        if (layout == VerthashRowLayout.File)
            return new VerthashDataFile(index, VerthashMemoryMode.Copy, memory);

        using (memory)
        {
            var lines = DataFileMemory.Allocate(LineLayout.LengthFor(memory.Length));
            var table = new LineTable(lines, memory.Length);
            for (long offset = 0; offset < memory.Length; offset += PieceLength)
                table.Append(memory.Slice(offset, (int)Math.Min(PieceLength, memory.Length - offset)));
            return new VerthashDataFile(index, VerthashMemoryMode.Lines, lines);
        }
    }

    /// <summary>Copies a piece of the table.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Filled entirely.</param>
    /// <exception cref="ArgumentOutOfRangeException">The piece does not lie in the table.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public void CopyTo(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        using var held = Memory.Hold();
        if (Layout == VerthashRowLayout.File)
        {
            Memory.Slice(offset, destination.Length).CopyTo(destination);
            return;
        }
        while (!destination.IsEmpty)
        {
            var (unit, within) = Math.DivRem(offset, VerthashHasher.RowAlignment);
            var length = Math.Min(VerthashHasher.RowAlignment - (int)within, destination.Length);
            Memory.Slice(LineLayout.OffsetOfUnit(unit, MemoryBytes) + within, length).CopyTo(destination);
            destination = destination[length..];
            offset += length;
        }
    }

    /// <summary>Frees the memory as soon as no hash is using it.</summary>
    public void Dispose() => Memory.Dispose();

    private static (VerthashMemoryMode, DataFileMemory) Obtain(
        VerthashMemoryMode mode, SafeFileHandle file, string path, VerthashDataFileSpecification expected)
    {
        var available = AvailableMemory.Bytes;
        var obtained = Obtainable(mode, expected.Length, available);
        if (obtained == VerthashMemoryMode.Map)
            return (obtained, MapFile(file, path, expected));
        try
        {
            return (obtained, AllocateFor(path, expected, obtained, available));
        }
        catch (VerthashDataFileException refused) when (mode == VerthashMemoryMode.Auto && refused.Reason == VerthashDataFileFailure.NoMemory)
        {
            // There is as much, but this process may not take it; a mapping is not counted as its own.
            return (VerthashMemoryMode.Map, MapFile(file, path, expected));
        }
    }

    /// <summary>The mode that a wish comes down to when so many bytes of memory are available.</summary>
    internal static VerthashMemoryMode Obtainable(VerthashMemoryMode mode, long length, long available) => mode switch
    {
        VerthashMemoryMode.Auto when length <= available => VerthashMemoryMode.Copy,
        VerthashMemoryMode.Auto => VerthashMemoryMode.Map,
        _ => mode,
    };

    /// <summary>Memory for a private copy, or the refusal that names the file.</summary>
    internal static DataFileMemory AllocateFor(string path, VerthashDataFileSpecification expected, VerthashMemoryMode mode, long available)
    {
        var length = mode == VerthashMemoryMode.Lines ? LineLayout.LengthFor(expected.Length) : expected.Length;
        try
        {
            // Asked before it is taken: Linux gives it out all the same, and kills somebody when it is filled.
            if (length <= available)
                return DataFileMemory.Allocate(length);
        }
        catch (OutOfMemoryException refused)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.NoMemory,
                $"a private copy takes {length:N0} bytes of memory, which the system refuses although it has as much: look for a limit of this process.", refused);
        }
        throw VerthashDataFileException.Unusable(
            path, expected, VerthashDataFileFailure.NoMemory,
            $"a private copy takes {length:N0} bytes of memory, and the system has {available:N0} to give.");
    }

    private static MappedMemory MapFile(SafeFileHandle file, string path, VerthashDataFileSpecification expected)
    {
        try
        {
            return MappedMemory.Map(file, expected.Length);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.Unreadable, $"it cannot be mapped ({failed.Message}).", failed);
        }
    }

    private static void Fill(
        DataFileMemory memory, VerthashMemoryMode mode, SafeFileHandle file, string path, VerthashDataFileSpecification expected, bool trusted,
        IProgress<double>? progress, CancellationToken ct)
    {
        if (mode == VerthashMemoryMode.Copy)
        {
            DataFileReader.Read(file, path, expected, trusted, memory.Slice, progress, ct);
            return;
        }
        if (mode == VerthashMemoryMode.Map && trusted)
        {
            ((MappedMemory)memory).Touch(progress, ct);
            return;
        }
        // Reading also brings the file into the system's cache, where the mapping finds it.
        var buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(PieceLength, expected.Length));
        var lines = mode == VerthashMemoryMode.Lines ? new LineTable(memory, expected.Length) : null;
        DataFileReader.Read(
            file, path, expected, trusted, (_, length) => buffer.AsSpan(0, length), progress, ct, lines is null ? null : lines.Append);
        if (memory is MappedMemory mapped)
            mapped.Touch(progress: null, ct);
    }
}
