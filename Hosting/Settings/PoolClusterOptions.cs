using System.ComponentModel.DataAnnotations;
using System.Net;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Ports;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>cluster:</c> section of orleans.yaml: how silos and gateways find and reach each other.</summary>
public sealed class PoolClusterOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "cluster";

    /// <summary>Name of the cluster: silos and gateways of one name find each other. 3 to 40 lower-case letters, digits and single hyphens.</summary>
    public string Id { get; set; } = "grainpool";

    /// <summary>Name of the service: what is stored belongs to it. Spelled like <see cref="Id"/>.</summary>
    public string ServiceId { get; set; } = "grainpool";

    /// <summary>TCP port on which a silo talks with other silos.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>TCP port on which a silo takes calls of gateways.</summary>
    [Range(1, 65535)]
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Address at which the other machines of the cluster reach this silo.</summary>
    [Setting(ValueKind.Address)]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>Address that a silo listens on; null is the advertised one.</summary>
    [Setting(ValueKind.ListenAddress)]
    public string? ListenAddress { get; set; }

    /// <summary>Where a silo listens for other silos.</summary>
    public IPEndPoint SiloEndPoint => new(Listen, SiloPort);

    /// <summary>Where a silo listens for gateways.</summary>
    public IPEndPoint GatewayEndPoint => new(Listen, GatewayPort);

    private IPAddress Listen => ListeningPort.AddressOf(ListenAddress ?? AdvertisedAddress);
}
