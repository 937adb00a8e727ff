using System.Globalization;

namespace Grainpool.Verthash;

/// <summary>Remembers beside a data file (<c>&lt;path&gt;.verified</c>) that its checksum was found good.</summary>
/// <remarks>
/// The mark names length, time of last change and digest; it counts only while all three are still what they were, so
/// that a file which was replaced or written to is checked again. It spares a later start the digest of 1.28 GB. It is
/// a convenience: where it cannot be written nothing else suffers.
/// </remarks>
internal static class VerifiedMark
{
    private const int LongestMark = 512;

    /// <summary>Where the mark of a data file lies.</summary>
    public static string PathFor(string dataFile) => dataFile + ".verified";

    /// <summary>True when this very content was found good before.</summary>
    public static bool Holds(string dataFile, DateTime changed, VerthashDataFileSpecification expected)
    {
        try
        {
            var mark = new FileInfo(PathFor(dataFile));
            return mark.Exists && mark.Length <= LongestMark && File.ReadAllText(mark.FullName) == Text(changed, expected);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // A mark that cannot be read is none: the file is then checked.
            return false;
        }
    }

    /// <summary>Notes that the file was found good, if its directory lets us.</summary>
    public static void Write(string dataFile, DateTime changed, VerthashDataFileSpecification expected)
    {
        try
        {
            File.WriteAllText(PathFor(dataFile), Text(changed, expected));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // Read-only directory or full disk: the next start checks again, which is all the mark is there to spare.
        }
    }

    /// <summary>Takes back a mark that turned out wrong.</summary>
    public static void Remove(string dataFile)
    {
        try
        {
            File.Delete(PathFor(dataFile));
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // The caller is about to report the bad file, which matters more than its mark.
        }
    }

    private static string Text(DateTime changed, VerthashDataFileSpecification expected) => string.Create(
        CultureInfo.InvariantCulture,
        $"verthash data file verified\nlength {expected.Length}\nchanged {changed:O}\nsha256 {Convert.ToHexStringLower(expected.Sha256.AsSpan())}\n");
}
