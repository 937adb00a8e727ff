using System.Net;
using Grainpool.Hosting.Settings;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>How miners are treated, in the terms of the code: targets and times.</summary>
internal sealed record StratumSettings
{
    // Beyond it they would wait for one another inside the system.
    private const int MostRoundThreads = 8;

    /// <summary>Longest line taken, bytes.</summary>
    public int MaxLine { get; init; } = StratumFraming.DefaultMaxLine;

    /// <summary>Most connections.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Silence after which a miner is given up that neither has found anything yet nor chose a difficulty.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(900);

    /// <summary>Time in which a connection must have authorised.</summary>
    public TimeSpan Login { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an authorize waits for work: miners give up after 60 s of silence.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Our own silence after which a job is repeated: miners reconnect after 120 s.</summary>
    public TimeSpan Repeat { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests a second that a connection may make in the long run; more are served later.</summary>
    public double RequestsPerSecond { get; init; } = 100;

    /// <summary>Points of misbehaviour at which a connection is closed and its worker banned.</summary>
    public double BanScore { get; init; } = 100;

    /// <summary>Where miners are sent when this gateway stops; null for nowhere.</summary>
    public DnsEndPoint? Sister { get; init; }

    /// <summary>How long a miner may take to read what it is sent.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a job is kept after it was given.</summary>
    public TimeSpan KeepJob { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Jobs kept per connection.</summary>
    public int KeepJobs { get; init; } = 128;

    /// <summary>Submissions for one job after which a connection is given another; for the old one as many more are remembered.</summary>
    public int KeepSubmissions { get; init; } = 4096;

    /// <summary>Threads that give out new jobs; with none, whoever brings the work does it.</summary>
    public int RoundThreads { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, MostRoundThreads);

    /// <summary>Time between submissions that is aimed at.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Hardest target for submissions.</summary>
    public required UInt256 Hardest { get; init; }

    /// <summary>Easiest target for submissions, unless shares are easier.</summary>
    public required UInt256 Easiest { get; init; }

    /// <summary>Target of a miner not known yet.</summary>
    public required UInt256 Start { get; init; }

    /// <summary>The settings of a configuration on a network, whose own bounds hold as well.</summary>
    public static StratumSettings From(StratumOptions options, NetworkParameters network)
    {
        var factor = network.Parent.MinerDifficultyFactor;
        return new StratumSettings
        {
            MaxLine = options.MaximumLineBytes,
            MaxConnections = options.MaximumConnections,
            Idle = TimeSpan.FromSeconds(options.IdleSeconds),
            Login = TimeSpan.FromSeconds(options.LoginSeconds),
            Hold = TimeSpan.FromSeconds(options.WorkWaitSeconds),
            Repeat = TimeSpan.FromSeconds(options.RepeatSeconds),
            Stall = TimeSpan.FromSeconds(options.ReadSeconds),
            KeepJob = TimeSpan.FromSeconds(options.JobSeconds),
            RequestsPerSecond = options.RequestsPerSecond,
            BanScore = options.BanScore,
            Sister = options.SisterEndPoint,
            Interval = TimeSpan.FromSeconds(options.SecondsPerShare),
            Hardest = UInt256.Max(MinerDifficulty.ToTarget(options.MaximumDifficulty, factor), network.HardestMinerTarget),
            Easiest = UInt256.Min(MinerDifficulty.ToTarget(options.MinimumDifficulty, factor), network.EasiestMinerTarget),
            Start = MinerDifficulty.ToTarget(options.StartDifficulty, factor),
        };
    }
}
