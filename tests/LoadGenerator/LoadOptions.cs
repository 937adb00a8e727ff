using System.Net;
using Grainpool.P2Pool.Networks;

namespace Grainpool.LoadGenerator;

/// <summary>How the coinbase of every job is judged.</summary>
internal enum PayeeRule
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>One of its outputs pays the address that the connection authorised.</summary>
    Output,

    /// <summary>That output has at least 1/200 of all that is paid, as the finder's has on a p2pool network (spec: amounts).</summary>
    Finder,
}

/// <summary>What the command line asked for.</summary>
internal sealed record LoadOptions
{
    /// <summary>Where the pool listens.</summary>
    public required IPEndPoint Pool { get; init; }

    /// <summary>Name of the pool for TLS; null for plain connections. Its certificate is not checked: no miner does.</summary>
    public string? TlsHost { get; init; }

    /// <summary>Whose addresses and difficulties are spoken.</summary>
    public required NetworkParameters Network { get; init; }

    /// <summary>Connections to hold.</summary>
    public int Connections { get; init; } = 100;

    /// <summary>Payout addresses; connections take them in turn.</summary>
    public int Addresses { get; init; } = 10;

    /// <summary>How long to go on after all connections are authorised.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Submissions of one connection in a minute; 0 for none.</summary>
    public double SubmitsPerMinute { get; init; } = 1;

    /// <summary>New connections in a second.</summary>
    public double ConnectsPerSecond { get; init; } = 1000;

    /// <summary>Addresses 127.0.0.1 and up to connect from; 0 leaves it to the system.</summary>
    public int Sources { get; init; }

    /// <summary>Size of the Verthash table; null to submit whatever nonce is next, without hashing.</summary>
    public int? VerthashIndex { get; init; }

    /// <summary>The data file; null to make the table in memory.</summary>
    public string? VerthashFile { get; init; }

    /// <summary>How coinbases are judged.</summary>
    public PayeeRule Pays { get; init; } = PayeeRule.Finder;

    /// <summary>What clean jobs on the same block say.</summary>
    public CleanRule Clean { get; init; } = CleanRule.Outdates;

    /// <summary>How long after something newer was seen an old job may still be read.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A coin daemon whose tip jobs must build on, with name and password in it; null for none.</summary>
    public Uri? Daemon { get; init; }

    /// <summary>Process of the pool, on this machine, whose processor time and memory are shown; null for none.</summary>
    public int? PoolProcess { get; init; }

    /// <summary>File for the figures as JSON; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>Password of every authorize.</summary>
    public string Password { get; init; } = "x";
}
