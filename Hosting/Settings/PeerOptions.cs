using System.ComponentModel.DataAnnotations;
using System.Net;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Ports;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>peers:</c> section of orleans.yaml: other nodes of the network.</summary>
public sealed class PeerOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "peers";

    /// <summary>Address to listen on; <c>*</c> is every address of the machine.</summary>
    [Setting(ValueKind.ListenAddress)]
    public string Address { get; set; } = "*";

    /// <summary>TCP port for other nodes; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 9346;

    /// <summary>Most nodes that may come to a gateway; 0 does not open the port.</summary>
    [Range(0, 1000)]
    public int Incoming { get; set; } = 40;

    /// <summary>Nodes the cluster goes to, besides those of <see cref="Nodes"/>.</summary>
    [Range(0, 30)]
    public int Outgoing { get; set; } = 6;

    /// <summary>Whether the network's own well-known nodes are asked for others.</summary>
    public bool Seeds { get; set; } = true;

    /// <summary>Nodes that the cluster stays connected with, one gateway with each.</summary>
    public List<PeerNodeOptions> Nodes { get; set; } = [];

    /// <summary>IP address and port at which others reach this gateway; null lets them see for themselves.</summary>
    public string? ExternalAddress { get; set; }

    /// <summary>Host and port of a SOCKS5 proxy for connections that this gateway makes; null for none.</summary>
    public string? Proxy { get; set; }

    /// <summary>User name for the proxy; null when it asks for none.</summary>
    public string? ProxyUser { get; set; }

    /// <summary>Password for the proxy; null for none.</summary>
    [Setting(ValueKind.Text, Secret = true)]
    public string? ProxyPassword { get; set; }

    /// <summary>
    /// On a private network: seconds that work waits for the share chain of other nodes; 0 does not wait.
    /// </summary>
    [Range(0, 86400)]
    public int P2pSyncTimeout { get; set; }

    /// <summary>Folder with the share files of a Python node, whose chain is brought along; null for none.</summary>
    [Setting(ValueKind.Path)]
    public string? ImportFolder { get; set; }

    /// <summary>Folder that everything said between this gateway and other nodes is written to; null writes nothing.</summary>
    [Setting(ValueKind.Path)]
    public string? RecordFolder { get; set; }

    /// <summary>Address and port to listen on.</summary>
    public IPEndPoint EndPoint => new(ListeningPort.AddressOf(Address), Port);

    /// <summary>Host and port of a text such as <c>node.example:9346</c>, <c>[2001:db8::1]:9346</c>; null when it is none.</summary>
    public static (string Host, int Port)? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), out var port) || port is < 1 or > 65535) return null;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':')) return null;
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : (host, port);
    }
}

/// <summary>A node to stay connected with.</summary>
public sealed class PeerNodeOptions
{
    /// <summary>Host and port.</summary>
    public string Address { get; set; } = "";
}
