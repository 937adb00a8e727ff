namespace Grainpool.Local;

/// <summary>Where everything is kept.</summary>
public enum StorageChoice
{
    /// <summary>The storage emulator, as a part of its own; serves any number of silos.</summary>
    Azurite,

    /// <summary>Plain files; needs no Node.js and serves one silo.</summary>
    File,
}

/// <summary>What the command line asked for.</summary>
/// <param name="Storage">Null: Azurite when npm is there, else files.</param>
/// <param name="Silos">How many silos, 1 to 9.</param>
/// <param name="FullVerthash">Whether the simulated coin uses Vertcoin's own data file.</param>
/// <param name="Miners">How many miners of our own the simulated coin gets, 0 to 8.</param>
/// <param name="DataFolder">Where the pool's data lies; null: as orleans.yaml says.</param>
/// <param name="PortOffset">Added to every port, so that several pools fit on one machine.</param>
/// <param name="Join">Port offset of a pool on this machine whose second node this one is to be: its simulated coin, and its node as ours; null for none.</param>
/// <param name="Overrides">Further arguments for silos and gateway, such as <c>--stratum:port=9999</c>.</param>
public sealed record LocalSettings(
    StorageChoice? Storage,
    int Silos,
    bool FullVerthash,
    int Miners,
    string? DataFolder,
    int PortOffset,
    int? Join,
    IReadOnlyList<string> Overrides);
