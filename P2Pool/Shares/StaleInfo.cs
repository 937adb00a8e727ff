namespace Grainpool.P2Pool.Shares;

/// <summary>What a finder announces about its lost shares. Any other byte is legal and means nothing.</summary>
public static class StaleInfo
{
    /// <summary>Nothing lost.</summary>
    public const byte None = 0;

    /// <summary>A share came too late for the best chain.</summary>
    public const byte Orphan = 253;

    /// <summary>A share was found on work already replaced ("dead on arrival").</summary>
    public const byte Dead = 254;
}
