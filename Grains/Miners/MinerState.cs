using Grainpool.Grains.State;

namespace Grainpool.Grains.Miners;

/// <summary>An account at rest.</summary>
[GenerateSerializer, Alias("grainpool.MinerState")]
internal sealed class MinerState : IRevisedState
{
    /// <inheritdoc/>
    [Id(0)]
    public long Revision { get; set; }

    /// <inheritdoc/>
    [Id(6)]
    public Guid Writer { get; set; }

    /// <summary>First accepted work.</summary>
    [Id(1)]
    public DateTimeOffset? FirstSeen { get; set; }

    /// <summary>Last report.</summary>
    [Id(2)]
    public DateTimeOffset? LastSeen { get; set; }

    /// <summary>Totals by worker.</summary>
    [Id(3)]
    public List<WorkerState> Workers { get; set; } = [];

    /// <summary>What has been booked of which gateway process, the latest last.</summary>
    [Id(4)]
    public List<BookedState> Booked { get; set; } = [];

    /// <summary>Work of the last minutes, by step.</summary>
    [Id(5)]
    public Dictionary<long, double> Recent { get; set; } = [];
}

/// <summary>A worker's totals at rest; see <see cref="GrainInterfaces.Miners.WorkerWork"/>.</summary>
[GenerateSerializer, Alias("grainpool.WorkerState")]
internal sealed class WorkerState
{
    /// <summary>Name after the address.</summary>
    [Id(0)]
    public string Worker { get; set; } = "";

    /// <summary>Submissions that counted.</summary>
    [Id(1)]
    public long Accepted { get; set; }

    /// <summary>Their expected hashes.</summary>
    [Id(2)]
    public double AcceptedHashes { get; set; }

    /// <summary>Submissions that came too late.</summary>
    [Id(3)]
    public long Stale { get; set; }

    /// <summary>Their expected hashes.</summary>
    [Id(4)]
    public double StaleHashes { get; set; }

    /// <summary>Submissions that were wrong.</summary>
    [Id(5)]
    public long Rejected { get; set; }

    /// <summary>Accepted ones that became shares.</summary>
    [Id(6)]
    public long Shares { get; set; }

    /// <summary>Difficulty last told to the worker.</summary>
    [Id(7)]
    public double Difficulty { get; set; }
}

/// <summary>The last report booked of one gateway process.</summary>
[GenerateSerializer, Alias("grainpool.BookedState")]
internal sealed class BookedState
{
    /// <summary>The process.</summary>
    [Id(0)]
    public Guid Incarnation { get; set; }

    /// <summary>Its last sequence.</summary>
    [Id(1)]
    public long Sequence { get; set; }
}
