using System.Collections.Immutable;

namespace Grainpool.GrainInterfaces.Miners;

/// <summary>The account of one payout address; its key is network, '/' and the address text.</summary>
[Alias("grainpool.Miner")]
public interface IMinerGrain : IGrainWithStringKey
{
    /// <summary>Books work that a gateway counted, unless it is booked already or the report before it is missing; idempotent by (incarnation, sequence).</summary>
    /// <remarks>Until the answer says that it is stored for good, a report is to be kept: an activation that knows less than its predecessor is offered it again.</remarks>
    [Alias("report")]
    Task<WorkReportAnswer> Report(WorkReport report);

    /// <summary>The account as people see it.</summary>
    [Alias("snapshot")]
    Task<MinerSnapshot> Snapshot();

    /// <summary>What a gateway needs so that a worker that returns goes on as it was, wherever it had been.</summary>
    /// <param name="worker">Name after the address; empty for none.</param>
    [Alias("recall")]
    Task<RecalledWorker> Recall(string worker);
}

/// <summary>Work of one address counted by one gateway since its last report.</summary>
/// <param name="Incarnation">The gateway process.</param>
/// <param name="Sequence">Order of the reports of this process, from 1; those for one address rise, with gaps.</param>
/// <param name="At">End of the counted time, by the gateway's clock.</param>
/// <param name="Workers">One entry per worker that did anything.</param>
/// <param name="After">The report for this address before it, when that may not be stored yet: without that this one is not booked. 0 for none.</param>
[GenerateSerializer, Immutable, Alias("grainpool.WorkReport")]
public sealed record WorkReport(
    [property: Id(0)] Guid Incarnation,
    [property: Id(1)] long Sequence,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] ImmutableArray<WorkerWork> Workers,
    [property: Id(4)] long After = 0);

/// <summary>What a worker did.</summary>
/// <param name="Worker">Name after the address; empty for none.</param>
/// <param name="Accepted">Submissions that counted.</param>
/// <param name="AcceptedHashes">Their work: expected hashes.</param>
/// <param name="Stale">Submissions that came too late.</param>
/// <param name="StaleHashes">Their work.</param>
/// <param name="Rejected">Submissions that were wrong.</param>
/// <param name="Shares">Of the accepted ones, those that became shares.</param>
/// <param name="Difficulty">Difficulty, as told to miners, of the last submission that counted; 0 when none did.</param>
[GenerateSerializer, Immutable, Alias("grainpool.WorkerWork")]
public sealed record WorkerWork(
    [property: Id(0)] string Worker,
    [property: Id(1)] long Accepted,
    [property: Id(2)] double AcceptedHashes,
    [property: Id(3)] long Stale,
    [property: Id(4)] double StaleHashes,
    [property: Id(5)] long Rejected,
    [property: Id(6)] long Shares,
    [property: Id(7)] double Difficulty);

/// <summary>The answer to a report.</summary>
/// <param name="AcceptedThrough">Last sequence booked for this incarnation. It goes back when another activation has taken over.</param>
/// <param name="HashRate">Rate of the address over the whole cluster and the last 10 minutes, hashes per second.</param>
/// <param name="DurableThrough">Last sequence that is stored for good, or never will be: nothing is stored for an address before its first accepted work.</param>
[GenerateSerializer, Immutable, Alias("grainpool.WorkReportAnswer")]
public sealed record WorkReportAnswer(
    [property: Id(0)] long AcceptedThrough, [property: Id(1)] double HashRate, [property: Id(2)] long DurableThrough);

/// <summary>What is remembered of a worker.</summary>
/// <param name="Difficulty">Difficulty, as told to miners, of its last submission that counted; null when there was none.</param>
/// <param name="HashRate">Rate of its address over the whole cluster and the last 10 minutes, hashes per second.</param>
[GenerateSerializer, Immutable, Alias("grainpool.RecalledWorker")]
public sealed record RecalledWorker([property: Id(0)] double? Difficulty, [property: Id(1)] double HashRate);

/// <summary>An account as people see it.</summary>
/// <param name="Address">Payout address.</param>
/// <param name="FirstSeen">First accepted work.</param>
/// <param name="LastSeen">Last report.</param>
/// <param name="HashRate">Over the last 10 minutes, hashes per second.</param>
/// <param name="Workers">Totals by worker.</param>
[GenerateSerializer, Immutable, Alias("grainpool.MinerSnapshot")]
public sealed record MinerSnapshot(
    [property: Id(0)] string Address,
    [property: Id(1)] DateTimeOffset? FirstSeen,
    [property: Id(2)] DateTimeOffset? LastSeen,
    [property: Id(3)] double HashRate,
    [property: Id(4)] ImmutableArray<WorkerWork> Workers);
