using System.ComponentModel.DataAnnotations;
using Grainpool.Hosting.Configuration;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>verthash:</c> section of orleans.yaml: the table that the proof of work reads.</summary>
public sealed class VerthashOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "verthash";

    /// <summary>Size parameter of Vertcoin's own data file.</summary>
    public const int FullIndex = 17;

    /// <summary>Size parameter of the data file that the simulated network uses unless told otherwise.</summary>
    public const int DevnetIndex = 10;

    /// <summary>Path of the data file. Absolute once bound.</summary>
    [Setting(ValueKind.Path)]
    public string DataFile { get; set; } = "data/verthash.dat";

    /// <summary>Size parameter of the data file: 17 is Vertcoin's; smaller ones are for simulated networks only.</summary>
    [Range(1, FullIndex)]
    public int Index { get; set; } = FullIndex;

    /// <summary>How a gateway keeps the data file in memory.</summary>
    public VerthashMemory Memory { get; set; } = VerthashMemory.Auto;
}
