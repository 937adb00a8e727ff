using System.ComponentModel.DataAnnotations;
using Grainpool.Hosting.Configuration;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>pool:</c> section of orleans.yaml: which network, whose node, where its data lies.</summary>
public sealed class PoolOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "pool";

    /// <summary>Name of the p2pool network.</summary>
    [AllowedValues("vertcoin", "devnet")]
    public string Network { get; set; } = "vertcoin";

    /// <summary>Folder of everything this machine keeps: data file, spool, file storage. Absolute once bound.</summary>
    [Setting(ValueKind.Path)]
    public string DataFolder { get; set; } = "data";

    /// <summary>Whether this node may begin a chain of its own on a network that has public nodes, without waiting for any of them.</summary>
    public bool Solo { get; set; }

    /// <summary>Address that the operator's fee is paid to; null when there is no fee.</summary>
    public string? PayoutAddress { get; set; }

    /// <summary>Part of the miners' work that counts for the operator, in percent.</summary>
    [Range(0, 100)]
    public decimal FeePercent { get; set; }
}
