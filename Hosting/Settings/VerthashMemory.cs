namespace Grainpool.Hosting.Settings;

/// <summary>How a gateway keeps the Verthash data file in memory.</summary>
public enum VerthashMemory
{
    /// <summary>A private copy when there is memory for it, else mapped.</summary>
    Auto,

    /// <summary>A private copy laid out for full batches: a third larger than the file.</summary>
    Lines,

    /// <summary>A private copy.</summary>
    Copy,

    /// <summary>The file itself, mapped: shared by all processes of the machine, and slower.</summary>
    Map,
}
