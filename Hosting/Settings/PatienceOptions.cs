using System.ComponentModel.DataAnnotations;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>patience:</c> section of orleans.yaml: how long a gateway lets its miners go on when silos, daemons or work are missing.</summary>
public sealed class PatienceOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "patience";

    /// <summary>Seconds without any silo, while a daemon confirms the tip.</summary>
    [Range(10, 86400)]
    public int WithoutSilosSeconds { get; set; } = 300;

    /// <summary>Seconds with neither a silo nor a daemon to confirm the tip.</summary>
    [Range(10, 600)]
    public int WithoutConfirmationSeconds { get; set; } = 60;

    /// <summary>Seconds after the tip has moved, when no silo gives work for the new one.</summary>
    [Range(1, 600)]
    public int OnOldTipSeconds { get; set; } = 15;

    /// <summary>Seconds after a silo has said that there is no work.</summary>
    [Range(1, 600)]
    public int WithoutWorkSeconds { get; set; } = 20;
}
