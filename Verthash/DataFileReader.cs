using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Grainpool.Verthash;

/// <summary>Reads a data file once from beginning to end and says what is wrong with it.</summary>
internal static class DataFileReader
{
    private const int PieceLength = 1 << 22;

    /// <summary>Where the bytes from an offset on are to be put.</summary>
    public delegate Span<byte> Destination(long offset, int length);

    /// <summary>
    /// Opens the file after checking what can be checked without reading it. The length comes first, because a pipe or a
    /// device, whose length is 0, must not even be opened.
    /// </summary>
    /// <exception cref="VerthashDataFileException">Missing, not a file, no permission or wrong length.</exception>
    public static SafeFileHandle Open(string path, VerthashDataFileSpecification expected)
    {
        try
        {
            if (Directory.Exists(path))
                throw VerthashDataFileException.Unusable(path, expected, VerthashDataFileFailure.NotAFile, "this is a directory.");
            CheckLength(path, expected, new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path).Length);
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
            try
            {
                CheckLength(path, expected, RandomAccess.GetLength(file));
                return file;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw VerthashDataFileException.Unusable(path, expected, VerthashDataFileFailure.Missing, "there is no such file.", missing);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.NoPermission, "this user may not read it.", refused);
        }
        catch (IOException failed) when (failed is not VerthashDataFileException)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.Unreadable, $"it cannot be opened ({failed.Message}).", failed);
        }
    }

    /// <summary>Is shown every piece when it is whole.</summary>
    public delegate void Consumer(ReadOnlySpan<byte> piece);

    /// <summary>Reads the whole file; compares its SHA-256 unless <paramref name="trusted"/>.</summary>
    /// <exception cref="VerthashDataFileException">The file shrank, cannot be read, or has another checksum.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Read(
        SafeFileHandle file, string path, VerthashDataFileSpecification expected, bool trusted, Destination destination,
        IProgress<double>? progress, CancellationToken cancellationToken, Consumer? consumer = null)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        progress?.Report(0);
        for (long offset = 0; offset < expected.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = destination(offset, (int)Math.Min(PieceLength, expected.Length - offset));
            for (var read = 0; read < piece.Length;)
                read += ReadPiece(file, path, expected, piece[read..], offset + read);
            if (!trusted)
                sha256.AppendData(piece);
            consumer?.Invoke(piece);
            offset += piece.Length;
            progress?.Report((double)offset / expected.Length);
        }

        if (trusted)
            return;
        var found = sha256.GetHashAndReset();
        if (!expected.Sha256.AsSpan().SequenceEqual(found))
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.WrongChecksum,
                $"its SHA-256 is {Convert.ToHexStringLower(found)} instead of {Convert.ToHexStringLower(expected.Sha256.AsSpan())}.");
        }
    }

    private static int ReadPiece(
        SafeFileHandle file, string path, VerthashDataFileSpecification expected, Span<byte> piece, long offset)
    {
        int read;
        try
        {
            read = RandomAccess.Read(file, piece, offset);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.Unreadable, $"it cannot be read at byte {offset} ({failed.Message}).", failed);
        }
        if (read == 0)
            CheckLength(path, expected, offset);
        return read;
    }

    private static void CheckLength(string path, VerthashDataFileSpecification expected, long length)
    {
        if (length == 0)
        {
            // A command that replaces it is not proposed: it may be a device or a pipe, which say the same.
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.Empty, $"it has 0 bytes instead of {expected.Length}: it is empty, or a device or a pipe.");
        }
        if (length != expected.Length)
        {
            throw VerthashDataFileException.Unusable(
                path, expected, VerthashDataFileFailure.WrongLength, $"it has {length} bytes instead of {expected.Length}.");
        }
    }
}
