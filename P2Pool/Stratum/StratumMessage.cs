using System.Collections.Immutable;

namespace Grainpool.P2Pool.Stratum;

/// <summary>A line from a miner, understood.</summary>
public abstract record StratumMessage;

/// <summary>A request, to be answered with its id, in the order in which requests came.</summary>
/// <param name="Id">Echoed in the answer.</param>
public abstract record StratumRequest(StratumId Id) : StratumMessage;

/// <summary>A request that cannot be served, or a line that is none.</summary>
/// <param name="Id">Echoed in the answer; null when the line had none that could be read.</param>
/// <param name="Error">What to answer.</param>
public sealed record StratumFault(StratumId Id, StratumError Error) : StratumMessage;

/// <summary>The miner's answer to something we sent; nothing here waits for one.</summary>
public sealed record StratumAnswer : StratumMessage
{
    /// <summary>The only one there is.</summary>
    public static StratumAnswer Instance { get; } = new();
}

/// <summary><c>mining.subscribe</c>, the first request of every miner.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="UserAgent">Program and version, as the miner says; null when it does not.</param>
/// <param name="SessionId">The session it had before the connection broke; null for none.</param>
public sealed record SubscribeRequest(StratumId Id, string? UserAgent, string? SessionId) : StratumRequest(Id);

/// <summary><c>mining.authorize</c>: who is to be paid. The password is ignored.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="UserName">Payout address, worker and options: see <see cref="MinerName"/>.</param>
public sealed record AuthorizeRequest(StratumId Id, string UserName) : StratumRequest(Id);

/// <summary><c>mining.submit</c>: a solution. A field that is not what it should be is null, so that the job can be looked up first.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="UserName">For statistics only; who is paid is fixed by the job.</param>
/// <param name="Job">The job; null when the text cannot be an id of ours.</param>
/// <param name="Extranonce2">Four bytes, the first one highest.</param>
/// <param name="Time">Header time, Unix seconds.</param>
/// <param name="Nonce">Header nonce.</param>
/// <param name="VersionBits">Version bits the miner changed; 0 for none, also when the field is missing.</param>
public sealed record SubmitRequest(
    StratumId Id, string UserName, JobId? Job, uint? Extranonce2, uint? Time, uint? Nonce, uint? VersionBits) : StratumRequest(Id);

/// <summary><c>mining.configure</c>: the miner names extensions it would use (spec: BIP 310).</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="Extensions">Their names, as far as they are looked at.</param>
public sealed record ConfigureRequest(StratumId Id, ImmutableArray<string> Extensions) : StratumRequest(Id);

/// <summary><c>mining.extranonce.subscribe</c>: the miner would follow a changed extranonce.</summary>
/// <param name="Id">Echoed in the answer.</param>
public sealed record ExtranonceSubscribeRequest(StratumId Id) : StratumRequest(Id);

/// <summary><c>mining.suggest_difficulty</c>: the miner would like another difficulty.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="Difficulty">As in <c>mining.set_difficulty</c>; finite and above 0.</param>
public sealed record SuggestDifficultyRequest(StratumId Id, double Difficulty) : StratumRequest(Id);
