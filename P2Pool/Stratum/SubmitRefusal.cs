namespace Grainpool.P2Pool.Stratum;

/// <summary>Why a submission does not count.</summary>
public enum SubmitRefusal
{
    /// <summary>This connection was never given the job, or it is too old to be kept.</summary>
    UnknownJob,

    /// <summary>The previous block has changed since the job was given: the solution is worth nothing.</summary>
    StaleJob,

    /// <summary>The best share has changed since the job was given: what would have been a share is a dead one.</summary>
    DeadOnArrival,

    /// <summary>The same solution came before.</summary>
    Duplicate,

    /// <summary>The hash is above the target the job was given with.</summary>
    AboveTarget,

    /// <summary>The extranonce2 has another size, or is not hex.</summary>
    BadExtranonce2,

    /// <summary>The time is not eight hex digits.</summary>
    BadTime,

    /// <summary>The time lies before the job's, or too far ahead.</summary>
    TimeOutOfRange,

    /// <summary>The nonce is not eight hex digits.</summary>
    BadNonce,

    /// <summary>The submission sets version bits that were not agreed to be rolled.</summary>
    VersionRolled,

    /// <summary>More submissions for one job than are remembered, long after the miner was given another job.</summary>
    TooManyForJob,

    /// <summary>Too many proofs of work wait to be computed: the solution was not looked at and may come again.</summary>
    Busy,

    /// <summary>A share that could not be written to disk. It is sent on as long as memory has room for it, but is not promised.</summary>
    NotStored,
}
