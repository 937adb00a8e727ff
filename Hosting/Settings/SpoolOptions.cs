using System.ComponentModel.DataAnnotations;
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

    /// <summary>Megabytes of what is not stored yet above which no more work is handed out.</summary>
    [Range(1, 4096)]
    public int FullMegabytes { get; set; } = 64;

    /// <summary>Megabytes of a file above which it is rewritten, when most of it is not needed any more.</summary>
    [Range(1, 1024)]
    public int CompactMegabytes { get; set; } = 1;
}
