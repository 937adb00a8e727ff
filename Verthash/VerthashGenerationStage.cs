namespace Grainpool.Verthash;

/// <summary>What the making of a data file is doing.</summary>
public enum VerthashGenerationStage
{
    /// <summary>Computing the table in memory: most of the time.</summary>
    Generating,

    /// <summary>Writing it under a temporary name.</summary>
    Writing,

    /// <summary>Reading back what was written and comparing its SHA-256.</summary>
    Checking,
}
