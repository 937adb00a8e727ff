using System.Net;
using Grainpool.Devnet.Chain;

namespace Grainpool.Devnet;

/// <summary>How a simulated vertcoind runs.</summary>
public sealed record CoinDaemonOptions
{
    /// <summary>Address it listens on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port it listens on; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Name a caller must give.</summary>
    public string User { get; init; } = "devnet";

    /// <summary>Password a caller must give.</summary>
    public string Password { get; init; } = "devnet";

    /// <summary>File that keeps the blocks; null to forget them.</summary>
    public string? BlockFile { get; init; }

    /// <summary>The coin's rules.</summary>
    public CoinRules Rules { get; init; } = new();

    /// <summary>What the chain begins with; null for a first block of its own and the wallets' first coins.</summary>
    public ChainStart? Start { get; init; }

    /// <summary>Whether new transactions show in templates only when the last one is older than 5 s, as with the real daemon.</summary>
    public bool CachesTemplates { get; init; }

    /// <summary>Time between two transactions that appear by themselves; zero for none.</summary>
    public TimeSpan TransactionInterval { get; init; }

    /// <summary>Most transactions that wait; no more appear by themselves beyond.</summary>
    public int MostWaiting { get; init; } = 200;

    /// <summary>Seed of all chance in the made transactions; null for a new one each time.</summary>
    public int? Seed { get; init; }
}
