using System.ComponentModel.DataAnnotations;
using Grainpool.Hosting.Configuration;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>admin:</c> section of orleans.yaml: where a process shows its metrics and its health.</summary>
public sealed class AdminOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "admin";

    /// <summary>Address to listen on; the loopback address keeps strangers out.</summary>
    [Setting(ValueKind.ListenAddress)]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port of a silo; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; } = 9180;

    /// <summary>TCP port of a gateway; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int GatewayPort { get; set; } = 9190;

    /// <summary>The port of a process.</summary>
    public int PortOf(ProcessRole role) => role == ProcessRole.Silo ? SiloPort : GatewayPort;

    /// <summary>The key that sets the port of a process.</summary>
    public static string KeyOf(ProcessRole role) => role == ProcessRole.Silo ? "admin:siloPort" : "admin:gatewayPort";
}
