namespace Grainpool.P2Pool.Stratum;

/// <summary>Version rolling (spec: BIP 310): a miner may vary some bits of the header's version, which a share carries as it is.</summary>
public static class VersionRolling
{
    /// <summary>Name of the extension in <c>mining.configure</c>.</summary>
    public const string Extension = "version-rolling";

    /// <summary>Bits that may be rolled at all, as in the legacy nodes.</summary>
    public const uint AllowedMask = 0x1fffe000;

    /// <summary>The header's version with a miner's bits in it.</summary>
    /// <param name="version">The job's.</param>
    /// <param name="mask">What was agreed.</param>
    /// <param name="bits">What the miner sent.</param>
    /// <returns>Null when bits outside the mask are set.</returns>
    public static uint? Apply(uint version, uint mask, uint bits) => (bits & ~mask) != 0 ? null : (version & ~mask) | bits;
}
