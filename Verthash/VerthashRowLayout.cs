namespace Grainpool.Verthash;

/// <summary>How the rows lie in memory. The hash is the same.</summary>
public enum VerthashRowLayout
{
    /// <summary>As in the file: one row in four lies across two cache lines.</summary>
    File,

    /// <summary>
    /// Lines of 64 bytes of which line <c>m</c> repeats the file's bytes from <c>48 m</c> on, so that no row lies across
    /// two of them. A third more memory.
    /// </summary>
    Lines,
}
