namespace Grainpool.Dashboard;

/// <summary>What this gateway knows of its own miners; the gateway implements it, the pages read it.</summary>
public interface ILocalMiners
{
    /// <summary>The miners as they are now.</summary>
    LocalMiners Current();
}

/// <summary>The miners of one gateway.</summary>
/// <param name="Gateway">Name of the gateway.</param>
/// <param name="Uptime">Since the process started.</param>
/// <param name="Connections">Stratum connections that are open.</param>
/// <param name="Miners">One entry per label that worked within the last 10 minutes, in no order.</param>
/// <param name="FeePercent">The operator's fee, 0…100.</param>
/// <param name="OperatorAddress">Where the fee goes; null when none is set.</param>
/// <param name="Warnings">What the operator should look at, in sentences.</param>
public sealed record LocalMiners(
    string Gateway,
    TimeSpan Uptime,
    int Connections,
    IReadOnlyList<LocalMiner> Miners,
    double FeePercent,
    string? OperatorAddress,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Hashes per second of all miners together, dead work included.</summary>
    public double HashRate => Miners.Sum(miner => miner.HashRate);
}

/// <summary>One worker of one address.</summary>
/// <param name="Label">Address, or address.worker.</param>
/// <param name="Address">Payout address.</param>
/// <param name="HashRate">Mean over the last 10 minutes, dead work included, hashes per second.</param>
/// <param name="DeadHashRate">Of it, work that came too late.</param>
/// <param name="ShareDifficulty">Difficulty of the share target last handed out ("Bitcoin" scale, without the factor told to miners).</param>
/// <param name="Connections">Connections of this label.</param>
/// <param name="Accepted">Submissions that counted, since the process started.</param>
/// <param name="Stale">Submissions that came too late, for whatever cause.</param>
/// <param name="Rejected">Submissions that were wrong.</param>
/// <param name="Shares">Submissions that became shares.</param>
public sealed record LocalMiner(
    string Label,
    string Address,
    double HashRate,
    double DeadHashRate,
    double ShareDifficulty,
    int Connections,
    long Accepted,
    long Stale,
    long Rejected,
    long Shares)
{
    /// <summary>Difficulty of submissions last handed out, as the miner was told it.</summary>
    public double Difficulty { get; init; }

    /// <summary>Why that is not what the miner's speed asks for.</summary>
    public DifficultyBound Bound { get; init; }

    /// <summary>Of the stale submissions, those that came after somebody's new share (dead on arrival).</summary>
    public long StaleByShare { get; init; }

    /// <summary>Of the stale submissions, those that came after a new block.</summary>
    public long StaleByBlock { get; init; }

    /// <summary>Of the stale submissions, those for a job that is forgotten or of an earlier connection.</summary>
    public long StaleByJob { get; init; }
}

/// <summary>What, if anything, keeps a miner's difficulty from following its speed.</summary>
public enum DifficultyBound
{
    /// <summary>Nothing: submissions come about as often as wished.</summary>
    None,

    /// <summary>It is the least difficulty there is: the miner is too slow for more submissions.</summary>
    Least,

    /// <summary>It is that of shares: harder submissions than shares are never asked for.</summary>
    Share,

    /// <summary>The miner chose it, by user name, password or <c>mining.configure</c>.</summary>
    Miner,
}
