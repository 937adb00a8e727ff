namespace Grainpool.Gateway.Spooling;

/// <summary>How much a spool keeps.</summary>
/// <param name="FullBytes">Bytes of kept entries above which no more work is handed out.</param>
/// <param name="CompactBytes">Size of a file above which it is rewritten, when most of it is not needed any more.</param>
internal sealed record SpoolLimits(long FullBytes, long CompactBytes)
{
    /// <summary>About 90,000 shares, or a few days of a big pool with all silos gone; files are rewritten at 1 MB.</summary>
    public static SpoolLimits Default { get; } = new(64 * 1024 * 1024, 1024 * 1024);

    /// <summary>What miners still send after work was withdrawn is taken up to here.</summary>
    public long RefuseSharesBytes => 2 * FullBytes;
}
