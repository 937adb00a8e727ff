namespace Grainpool.P2Pool.Stratum;

/// <summary>Numbers that tell a miner what went wrong: those of stratum (20 to 25) and of JSON-RPC (negative).</summary>
public enum StratumErrorCode
{
    /// <summary>A submission that is wrong in a way of its own.</summary>
    Other = 20,

    /// <summary>The job was never given to this connection, is gone, or has been replaced.</summary>
    JobNotFound = 21,

    /// <summary>The same solution a second time.</summary>
    Duplicate = 22,

    /// <summary>The hash is above the target that was asked for.</summary>
    LowDifficulty = 23,

    /// <summary>The user name is no address that can be paid.</summary>
    Unauthorized = 24,

    /// <summary>A request that only a subscribed connection may make.</summary>
    NotSubscribed = 25,

    /// <summary>Not JSON.</summary>
    ParseError = -32700,

    /// <summary>JSON, but not a request.</summary>
    InvalidRequest = -32600,

    /// <summary>A method this server does not have.</summary>
    MethodNotFound = -32601,

    /// <summary>Parameters that the method cannot read.</summary>
    InvalidParameters = -32602,
}

/// <summary>An error as told to a miner: <c>[code, "text", null]</c>.</summary>
/// <param name="Code">What kind.</param>
/// <param name="Text">One short sentence; miners show it. One that speaks of a "job" is shown as stale by some.</param>
public sealed record StratumError(StratumErrorCode Code, string Text)
{
    /// <summary>The line was not JSON.</summary>
    public static StratumError NotJson { get; } = new(StratumErrorCode.ParseError, "Not JSON");

    /// <summary>The line was not even text.</summary>
    public static StratumError NotUtf8 { get; } = new(StratumErrorCode.ParseError, "Not UTF-8");

    /// <summary>The line was no request.</summary>
    public static StratumError NotARequest { get; } = new(StratumErrorCode.InvalidRequest, "Not a request: an object with method and params was expected");

    /// <summary>Authorise or submit without subscribe.</summary>
    public static StratumError NotSubscribed { get; } = new(StratumErrorCode.NotSubscribed, "Not subscribed");

    /// <summary>The one mapping from what we know of a refused submission to what the miner is told.</summary>
    public static StratumError Of(SubmitRefusal refusal) => refusal switch
    {
        SubmitRefusal.UnknownJob => UnknownJob,
        SubmitRefusal.StaleJob => StaleJob,
        SubmitRefusal.DeadOnArrival => DeadOnArrival,
        SubmitRefusal.Duplicate => Duplicate,
        SubmitRefusal.AboveTarget => AboveTarget,
        SubmitRefusal.BadExtranonce2 => BadExtranonce2,
        SubmitRefusal.BadTime => BadTime,
        SubmitRefusal.TimeOutOfRange => TimeOutOfRange,
        SubmitRefusal.BadNonce => BadNonce,
        SubmitRefusal.VersionRolled => VersionRolled,
        SubmitRefusal.TooManyForJob => TooManyForJob,
        SubmitRefusal.Busy => Busy,
        SubmitRefusal.NotStored => NotStored,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "no such refusal"),
    };

    private static readonly StratumError UnknownJob = new(StratumErrorCode.JobNotFound, "Job not found");
    private static readonly StratumError StaleJob = new(StratumErrorCode.JobNotFound, "Stale job: there is a new block");
    private static readonly StratumError DeadOnArrival = new(StratumErrorCode.JobNotFound, "Stale job: dead on arrival, there is a new share");
    private static readonly StratumError Duplicate = new(StratumErrorCode.Duplicate, "Duplicate share");
    private static readonly StratumError AboveTarget = new(StratumErrorCode.LowDifficulty, "Low difficulty share");
    private static readonly StratumError BadExtranonce2 = new(StratumErrorCode.Other, "Extranonce2 must have 8 hex digits");
    private static readonly StratumError BadTime = new(StratumErrorCode.Other, "Time must have 8 hex digits");
    private static readonly StratumError TimeOutOfRange = new(StratumErrorCode.Other, "Time out of range");
    private static readonly StratumError BadNonce = new(StratumErrorCode.Other, "Nonce must have 8 hex digits");
    private static readonly StratumError VersionRolled = new(StratumErrorCode.Other, "Version bits outside the agreed mask");
    private static readonly StratumError TooManyForJob = new(StratumErrorCode.Other, "Too many submissions at this difficulty");
    private static readonly StratumError Busy = new(StratumErrorCode.Other, "The pool is busy, send it again");
    private static readonly StratumError NotStored = new(StratumErrorCode.Other, "The pool could not store the share");
}
