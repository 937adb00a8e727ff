using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Ports;

namespace Grainpool.Hosting.Settings;

/// <summary>The <c>stratum:</c> section of orleans.yaml: the port for miners and browsers, and how miners are treated.</summary>
/// <remarks>
/// Difficulties are those of <c>mining.set_difficulty</c>: 1 stands for 2^24 hashes on average (spec: stratum difficulty).
/// </remarks>
public sealed class StratumOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "stratum";

    /// <summary>Address to listen on; <c>*</c> is every address of the machine.</summary>
    [Setting(ValueKind.ListenAddress)]
    public string Address { get; set; } = "*";

    /// <summary>TCP port to listen on; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 9171;

    /// <summary>Address and port to listen on.</summary>
    public IPEndPoint EndPoint => new(ListeningPort.AddressOf(Address), Port);

    /// <summary>Difficulty of a miner that is not known yet.</summary>
    [Range(0.000001, 1_000_000_000d)]
    public double StartDifficulty { get; set; } = 1;

    /// <summary>Least difficulty a miner is given, unless that of its network is greater.</summary>
    [Range(0.000001, 1_000_000_000d)]
    public double MinimumDifficulty { get; set; } = 0.001;

    /// <summary>Greatest difficulty a miner is given, unless that of its network is less.</summary>
    [Range(0.000001, 1_000_000_000d)]
    public double MaximumDifficulty { get; set; } = 1_000_000;

    /// <summary>Seconds between two solutions of one connection that its difficulty aims at.</summary>
    [Range(1, 300)]
    public int SecondsPerShare { get; set; } = 10;

    /// <summary>Seconds within which a connection must have logged in; also those for its first byte and for the handshake of TLS.</summary>
    [Range(5, 600)]
    public int LoginSeconds { get; set; } = 60;

    /// <summary>Seconds that a login waits for work when there is none; miners give up after 60.</summary>
    [Range(1, 55)]
    public int WorkWaitSeconds { get; set; } = 30;

    /// <summary>Seconds of our own silence after which a job is given again; miners give up after 120.</summary>
    [Range(10, 95)]
    public int RepeatSeconds { get; set; } = 60;

    /// <summary>Seconds that a miner may take to read what it is sent.</summary>
    [Range(5, 600)]
    public int ReadSeconds { get; set; } = 30;

    /// <summary>Seconds after which a job is forgotten; until then its solutions are tried as blocks and as dead shares.</summary>
    [Range(60, 3600)]
    public int JobSeconds { get; set; } = 300;

    /// <summary>
    /// Seconds after which a connection is closed that has taken nothing of what it was sent; also those without a line from a miner that neither has found
    /// anything yet nor chose a difficulty.
    /// </summary>
    [Range(30, 86400)]
    public int IdleSeconds { get; set; } = 900;

    /// <summary>Longest line taken from a miner, in bytes.</summary>
    [Range(1024, 65536)]
    public int MaximumLineBytes { get; set; } = 16384;

    /// <summary>Most connections of miners at one time.</summary>
    [Range(1, 100_000)]
    public int MaximumConnections { get; set; } = 10_000;

    /// <summary>Most connections of one host: an IPv4 address, or an IPv6 network of 64 bits.</summary>
    [Range(1, 100_000)]
    public int MaximumConnectionsPerHost { get; set; } = 2_000;

    /// <summary>Requests a second of one connection; more are served later.</summary>
    [Range(10, 100_000)]
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>Points of misbehaviour at which a connection is closed and its worker banned.</summary>
    [Range(10, 1_000_000)]
    public int BanScore { get; set; } = 100;

    /// <summary>Seconds that a ban lasts.</summary>
    [Range(1, 86400)]
    public int BanSeconds { get; set; } = 600;

    /// <summary>Whether TLS is spoken on the same port.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>PEM or PFX file of the certificate; null for one of the gateway's own making. Absolute once bound.</summary>
    [Setting(ValueKind.Path)]
    public string? Certificate { get; set; }

    /// <summary>PEM file of the certificate's key; null when it is in the same file. Absolute once bound.</summary>
    [Setting(ValueKind.Path)]
    public string? CertificateKey { get; set; }

    /// <summary>Password of the PFX file or of the key; null for none.</summary>
    [Setting(ValueKind.Text, Secret = true)]
    public string? CertificatePassword { get; set; }

    /// <summary>Addresses, or networks such as <c>10.0.0.0/8</c>, of proxies that speak the PROXY protocol, between commas; null for none.</summary>
    public string? Proxies { get; set; }

    /// <summary><see cref="Proxies"/>, read; null when it cannot be.</summary>
    public ImmutableArray<IPNetwork>? ProxyNetworks
    {
        get
        {
            var networks = ImmutableArray.CreateBuilder<IPNetwork>();
            foreach (var text in (Proxies ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (IPAddress.TryParse(text, out var address)) networks.Add(new IPNetwork(address, 8 * address.GetAddressBytes().Length));
                else if (IPNetwork.TryParse(text, out var network)) networks.Add(network);
                else return null;
            }
            return networks.ToImmutable();
        }
    }

    /// <summary>Folder that everything said between this gateway and its miners is written to; null writes nothing.</summary>
    [Setting(ValueKind.Path)]
    public string? RecordFolder { get; set; }

    /// <summary>Host and port of a gateway that miners are sent to when this one stops; null for none.</summary>
    public string? Sister { get; set; }

    /// <summary><see cref="Sister"/>, read; null for none, or when it cannot be.</summary>
    public DnsEndPoint? SisterEndPoint =>
        Sister?.LastIndexOf(':') is > 0 and var colon && Uri.CheckHostName(Sister[..colon].Trim('[', ']')) != UriHostNameType.Unknown
        && ushort.TryParse(Sister.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? new DnsEndPoint(Sister[..colon].Trim('[', ']'), port)
            : null;
}
