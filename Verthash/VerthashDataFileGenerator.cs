using Microsoft.Win32.SafeHandles;

namespace Grainpool.Verthash;

/// <summary>Makes data files.</summary>
/// <remarks>Everybody derives the same bytes; nothing in them is secret or random.</remarks>
public static class VerthashDataFileGenerator
{
    private const int PieceLength = 1 << 22;
    private const string PartialSuffix = ".partial";

    /// <summary>Makes the data file of an index at a path. A file that is already there is replaced.</summary>
    /// <param name="path">Where the file is to be. Its directory must exist.</param>
    /// <param name="index">1 to <see cref="VerthashDataFileSpecification.LargestIndex"/>; Vertcoin's is 17.</param>
    /// <param name="progress">Told what is being done, on the calling thread.</param>
    /// <param name="ct">Stops the making; nothing is left behind then.</param>
    /// <returns>What was made.</returns>
    /// <remarks>
    /// The table is made in memory (as much as the file is long), written beside the path under a temporary name, flushed to the
    /// disk, read back, compared with its SHA-256, and only then given its name. So whatever ends the process, the path holds the
    /// whole right file, or what was there before. What a killed process leaves is <c>&lt;path&gt;.*.partial</c>; the next run removes it.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="VerthashDataFileException">The file cannot be written there, there is no memory, or the checksum does not hold.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static VerthashDataFileSpecification Create(
        string path, int index, IProgress<VerthashGenerationProgress>? progress = null, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var length = VerthashDataFileSpecification.LengthOf(index);
        var partial = $"{path}.{Guid.NewGuid():N}{PartialSuffix}";
        try
        {
            if (Directory.Exists(path))
                throw VerthashDataFileException.Unmade(path, VerthashDataFileFailure.NotAFile, "this is a directory.");
            CheckMemory(path, length, AvailableMemory.Bytes);
            RemoveAbandoned(path);
            // The room is taken before the work begins, so that a disk too small is noticed at once. The handle stays open
            // until the file has its name: its lock tells other makers that the temporary file is not abandoned.
            using var file = File.OpenHandle(
                partial, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, FileOptions.None, preallocationSize: length);
            try
            {
                return Make(path, partial, file, index, progress, ct);
            }
            catch
            {
                File.Delete(partial);
                throw;
            }
        }
        catch (OutOfMemoryException refused)
        {
            throw NoMemory(path, length, refused);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw VerthashDataFileException.Unmade(
                path, VerthashDataFileFailure.NoPermission, "this user may not write in its directory.", refused);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw VerthashDataFileException.Unmade(path, VerthashDataFileFailure.Missing, "its directory does not exist.", missing);
        }
        catch (IOException failed) when (failed is not VerthashDataFileException)
        {
            throw VerthashDataFileException.Unmade(
                path, VerthashDataFileFailure.Unwritable, $"writing {length:N0} bytes failed ({failed.Message}).", failed);
        }
    }

    /// <summary>Refuses what would not fit, before Linux gives the memory out all the same and kills somebody when it is filled.</summary>
    internal static void CheckMemory(string path, long length, long available)
    {
        if (length > available)
        {
            throw VerthashDataFileException.Unmade(
                path, VerthashDataFileFailure.NoMemory, $"it takes {length:N0} bytes of memory, and the system has {available:N0} to give.");
        }
    }

    private static VerthashDataFileException NoMemory(string path, long length, Exception cause) => VerthashDataFileException.Unmade(
        path, VerthashDataFileFailure.NoMemory, $"the system does not give the {length:N0} bytes of memory it takes.", cause);

    private static VerthashDataFileSpecification Make(
        string path, string partial, SafeFileHandle file, int index,
        IProgress<VerthashGenerationProgress>? progress, CancellationToken ct)
    {
        VerthashDataFileSpecification expected;
        using (var memory = DataFileMemory.Allocate(VerthashDataFileSpecification.LengthOf(index)))
        {
            VerthashGraph.Write(index, memory, Stage(progress, VerthashGenerationStage.Generating), ct);
            expected = VerthashDataFileSpecification.KnownDigest(index) is null
                ? new VerthashDataFileSpecification(index, memory.Length, VerthashDataFileSpecification.DigestOf(memory))
                : VerthashDataFileSpecification.ForIndex(index, ct: ct);
            WriteAll(file, memory, Stage(progress, VerthashGenerationStage.Writing), ct);
        }
        RandomAccess.FlushToDisk(file);

        var buffer = new byte[PieceLength];
        DataFileReader.Read(
            file, partial, expected, trusted: false, (_, length) => buffer.AsSpan(0, length), Stage(progress, VerthashGenerationStage.Checking), ct);

        // After a power cut the directory may still show the old name, never a short file under the new one: the bytes are on the disk.
        ct.ThrowIfCancellationRequested();
        var changed = File.GetLastWriteTimeUtc(file);
        File.Move(partial, path, overwrite: true);
        VerifiedMark.Write(path, changed, expected);
        return expected;
    }

    private static void WriteAll(SafeFileHandle file, DataFileMemory memory, IProgress<double>? progress, CancellationToken ct)
    {
        using var held = memory.Hold();
        progress?.Report(0);
        for (long offset = 0; offset < memory.Length;)
        {
            ct.ThrowIfCancellationRequested();
            var length = (int)Math.Min(PieceLength, memory.Length - offset);
            RandomAccess.Write(file, memory.Slice(offset, length), offset);
            offset += length;
            progress?.Report((double)offset / memory.Length);
        }
    }

    // Temporary files of makers that were killed. One that a living maker works on is locked by it and stays.
    private static void RemoveAbandoned(string path)
    {
        var full = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(full) ?? throw VerthashDataFileException.Unmade(
            path, VerthashDataFileFailure.NotAFile, "this is a directory.");
        foreach (var abandoned in Directory.EnumerateFiles(directory))
        {
            if (!abandoned.StartsWith(full + ".", StringComparison.Ordinal) || !abandoned.EndsWith(PartialSuffix, StringComparison.Ordinal))
                continue;
            try
            {
                using (File.OpenHandle(abandoned, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    File.Delete(abandoned);
            }
            catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
            {
                // Somebody else's: they use it, or it is not ours to delete. It does not stand in the way.
            }
        }
    }

    private static StageProgress? Stage(IProgress<VerthashGenerationProgress>? progress, VerthashGenerationStage stage) =>
        progress is null ? null : new StageProgress(progress, stage);

    private sealed class StageProgress(IProgress<VerthashGenerationProgress> progress, VerthashGenerationStage stage) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new VerthashGenerationProgress(stage, value));
    }
}
