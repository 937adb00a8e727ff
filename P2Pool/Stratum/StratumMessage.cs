using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

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
/// <param name="Text">The result, when it is a text: the only thing we ask for is the program's name and version. Null for anything else.</param>
public sealed record StratumAnswer(string? Text) : StratumMessage;

/// <summary><c>mining.subscribe</c>, the first request of every miner.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="UserAgent">Program and version, as the miner says; null when it does not.</param>
/// <param name="SessionId">The session it had before the connection broke; null for none.</param>
public sealed record SubscribeRequest(StratumId Id, string? UserAgent, string? SessionId) : StratumRequest(Id);

/// <summary><c>mining.authorize</c>: who is to be paid.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="UserName">Payout address, worker and options: see <see cref="MinerName"/>.</param>
/// <param name="Password">Only options are read in it; empty for none.</param>
public sealed record AuthorizeRequest(StratumId Id, string UserName, string Password) : StratumRequest(Id);

/// <summary><c>mining.submit</c>: a solution. A field that is not what it should be is null, so that the job can be looked up first.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="UserName">For statistics only; who is paid is fixed by the job.</param>
/// <param name="Job">The job; null when the text cannot be an id of ours.</param>
/// <param name="Extranonce2">Four bytes, the first one highest.</param>
/// <param name="Time">Header time, Unix seconds.</param>
/// <param name="Nonce">Header nonce.</param>
/// <param name="VersionBits">The rolled bits of the header's version; 0 when the field is missing.</param>
/// <param name="GivesVersion">Whether the request has the field: without it the version is the job's.</param>
public sealed record SubmitRequest(
    StratumId Id, string UserName, JobId? Job, uint? Extranonce2, uint? Time, uint? Nonce, uint? VersionBits, bool GivesVersion = false) : StratumRequest(Id);

/// <summary><c>mining.configure</c>: the miner names extensions it would use (spec: BIP 310).</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="Extensions">Their names, as far as they are looked at.</param>
/// <param name="VersionMask">Version bits it can roll; all when it does not say.</param>
/// <param name="MinimumDifficulty">The least difficulty it can work at; null when it does not say.</param>
public sealed record ConfigureRequest(
    StratumId Id, ImmutableArray<string> Extensions, uint VersionMask, double? MinimumDifficulty) : StratumRequest(Id);

/// <summary><c>mining.extranonce.subscribe</c>: the miner would follow a changed extranonce.</summary>
/// <param name="Id">Echoed in the answer.</param>
public sealed record ExtranonceSubscribeRequest(StratumId Id) : StratumRequest(Id);

/// <summary><c>mining.suggest_difficulty</c>: the miner would like another difficulty.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="Difficulty">As in <c>mining.set_difficulty</c>; finite and above 0.</param>
public sealed record SuggestDifficultyRequest(StratumId Id, double Difficulty) : StratumRequest(Id);

/// <summary><c>mining.suggest_target</c>: as <see cref="SuggestDifficultyRequest"/>, in the other form.</summary>
/// <param name="Id">Echoed in the answer.</param>
/// <param name="Target">Hashes at or below it would be submitted; above 0.</param>
public sealed record SuggestTargetRequest(StratumId Id, UInt256 Target) : StratumRequest(Id);

/// <summary><c>mining.get_version</c>: which program this server is.</summary>
/// <param name="Id">Echoed in the answer.</param>
public sealed record GetVersionRequest(StratumId Id) : StratumRequest(Id);

/// <summary><c>mining.ping</c>: whether anybody is there.</summary>
/// <param name="Id">Echoed in the answer.</param>
public sealed record PingRequest(StratumId Id) : StratumRequest(Id);
