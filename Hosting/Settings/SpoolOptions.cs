using Grainpool.Hosting.Configuration;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>spool:</c> section of orleans.yaml: where a gateway keeps shares and blocks until the cluster has stored them.</summary>
public sealed class SpoolOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "spool";

    /// <summary>Folder of one gateway's spool; no two gateways may share it. Absolute once bound.</summary>
    [Setting(ValueKind.Path)]
    public string Folder { get; set; } = "data/spool";
}
