namespace Grainpool.Verthash;

/// <summary>How a data file is kept in memory.</summary>
public enum VerthashMemoryMode
{
    /// <summary><see cref="Copy"/> when there is memory for it, else <see cref="Map"/>.</summary>
    Auto,

    /// <summary>A private copy in <see cref="VerthashRowLayout.Lines"/>: 1.71 GB for Vertcoin's file.</summary>
    /// <remarks>Some tenth more hashes a second in full batches with AVX-512; a little less for one hash and short batches.</remarks>
    Lines,

    /// <summary>A private copy as the file is: 1.28 GB.</summary>
    Copy,

    /// <summary>
    /// The file itself, mapped read-only: its memory is shared by all processes that map it and can be taken back by the system.
    /// </summary>
    /// <remarks>
    /// The slowest, because such pages are small. And a file that is cut short while it is mapped ends the process: reading
    /// what is no longer there is a fault that no program can catch. So the file must not be written to in place; replace it by renaming
    /// another over it, as the tool does.
    /// </remarks>
    Map,
}
