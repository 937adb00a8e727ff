namespace Grainpool.Gateway.Miners;

/// <summary>How a submission enters the books.</summary>
internal enum SubmissionResult
{
    /// <summary>It counts.</summary>
    Accepted,

    /// <summary>It met its target but came too late: there is a new share.</summary>
    DeadOnArrival,

    /// <summary>It met its target but came too late: there is a new block.</summary>
    StaleBlock,

    /// <summary>It is for a job that this connection never had, or has no more.</summary>
    UnknownJob,

    /// <summary>It was wrong.</summary>
    Rejected,
}
