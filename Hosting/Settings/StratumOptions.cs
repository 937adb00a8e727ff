using System.ComponentModel.DataAnnotations;
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

    /// <summary>Least difficulty a miner is given.</summary>
    [Range(0.000001, 1_000_000_000d)]
    public double MinimumDifficulty { get; set; } = 0.001;

    /// <summary>Greatest difficulty a miner is given.</summary>
    [Range(0.000001, 1_000_000_000d)]
    public double MaximumDifficulty { get; set; } = 1_000_000;

    /// <summary>Seconds between two solutions of one connection that its difficulty aims at.</summary>
    [Range(1, 300)]
    public int SecondsPerShare { get; set; } = 10;

    /// <summary>Seconds without a line from a miner after which its connection is closed.</summary>
    [Range(30, 86400)]
    public int IdleSeconds { get; set; } = 900;

    /// <summary>Longest line taken from a miner, in bytes.</summary>
    [Range(1024, 65536)]
    public int MaximumLineBytes { get; set; } = 16384;

    /// <summary>Most connections of miners at one time.</summary>
    [Range(1, 100_000)]
    public int MaximumConnections { get; set; } = 10_000;
}
