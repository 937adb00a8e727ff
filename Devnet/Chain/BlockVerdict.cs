namespace Grainpool.Devnet.Chain;

/// <summary>The answer to a block handed in or proposed.</summary>
/// <param name="Reason">Why it is not the new tip, in the daemon's own word; null for acceptance.</param>
/// <param name="IsUnreadable">Whether the bytes were no block at all: an error, not a verdict.</param>
public readonly record struct BlockVerdict(string? Reason, bool IsUnreadable = false)
{
    /// <summary>The block is the new tip, or would be.</summary>
    public static BlockVerdict Accepted => default;

    /// <summary>Not a block.</summary>
    public static BlockVerdict Undecodable => new("Block decode failed", IsUnreadable: true);

    /// <summary>A block without a coinbase at its head.</summary>
    public static BlockVerdict NoCoinbase => new("Block does not start with a coinbase", IsUnreadable: true);
}
