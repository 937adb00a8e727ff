namespace Grainpool.Grains.Segments;

/// <summary>Why a writer stopped for good: whoever owns it must load again, or step back.</summary>
internal enum WriterLoss
{
    /// <summary>A later activation writes to the same chain.</summary>
    LaterWriter,

    /// <summary>The store holds something that neither we nor a later activation wrote.</summary>
    OtherContent,

    /// <summary>The program failed.</summary>
    Broken,
}
