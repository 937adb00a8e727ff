namespace Grainpool.Verthash;

/// <summary>The table that Verthash reads, in memory.</summary>
/// <remarks>
/// Every hash touches 4096 rows all over the table, so it is held resident: 1.28 GB for Vertcoin. One instance serves any
/// number of threads. After <see cref="Dispose"/> hashes under way still finish; new ones fail.
/// </remarks>
public sealed class VerthashDataFile : IDisposable
{
    private VerthashDataFile(int index, DataFileMemory memory)
    {
        Index = index;
        Memory = memory;
    }

    /// <summary>Length of the table in bytes.</summary>
    public long Length => Memory.Length;

    /// <summary>The size parameter <c>n</c> of the table; 17 is Vertcoin's.</summary>
    public int Index { get; }

    /// <summary>The number of places where a row of 32 bytes can start: every 16 bytes.</summary>
    public long RowPositions => ((Length - VerthashHasher.RowLength) / VerthashHasher.RowAlignment) + 1;

    internal DataFileMemory Memory { get; }

    /// <summary>Reads a data file into memory and checks it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it must be, for example <see cref="VerthashDataFileSpecification.Full"/>.</param>
    /// <param name="progress">Told the part done, 0 to 1, on the calling thread.</param>
    /// <param name="ct">Stops reading.</param>
    /// <remarks>
    /// The SHA-256 is computed the first time and remembered in <c>&lt;path&gt;.verified</c> with length and time of last change;
    /// while those still hold, later calls only read. <see cref="Verify"/> always computes it.
    /// </remarks>
    /// <exception cref="VerthashDataFileException">The file is missing, unreadable or not the expected one, or there is no memory for it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static VerthashDataFile Load(
        string path, VerthashDataFileSpecification expected, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(expected);
        using var file = DataFileReader.Open(path, expected);
        var changed = File.GetLastWriteTimeUtc(file);
        var trusted = VerifiedMark.Holds(path, changed, expected);
        var memory = AllocateFor(path, expected);
        try
        {
            using (memory.Hold())
                DataFileReader.Read(file, path, expected, trusted, memory.Slice, progress, ct);
            // A file written to while it was read may have changed behind the reader: what is in memory is good, the mark would not be.
            if (!trusted && File.GetLastWriteTimeUtc(file) == changed)
                VerifiedMark.Write(path, changed, expected);
            return new VerthashDataFile(expected.Index, memory);
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
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public static VerthashDataFile InMemory(int index)
    {
        var memory = DataFileMemory.Allocate(VerthashDataFileSpecification.LengthOf(index));
        VerthashGraph.Write(index, memory, progress: null, CancellationToken.None);
        return new VerthashDataFile(index, memory);
    }

    /// <summary>Copies a piece of the table.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Filled entirely.</param>
    /// <exception cref="ArgumentOutOfRangeException">The piece does not lie in the table.</exception>
    /// <exception cref="ObjectDisposedException">The table is disposed.</exception>
    public void CopyTo(long offset, Span<byte> destination)
    {
        using var held = Memory.Hold();
        Memory.Slice(offset, destination.Length).CopyTo(destination);
    }

    /// <summary>Frees the memory as soon as no hash is using it.</summary>
    public void Dispose() => Memory.Dispose();

    /// <summary>Memory for a file, or the refusal that names it.</summary>
    internal static DataFileMemory AllocateFor(string path, VerthashDataFileSpecification expected)
    {
        try
        {
            return DataFileMemory.Allocate(expected.Length);
        }
        catch (OutOfMemoryException refused)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.NoMemory, "the system gives no memory for it.", refused);
        }
    }
}
