namespace Grainpool.Gateway.Miners;

/// <summary>How a submission enters the books.</summary>
internal enum SubmissionResult
{
    /// <summary>It counts.</summary>
    Accepted,

    /// <summary>It met its target but came too late.</summary>
    Stale,

    /// <summary>It was wrong.</summary>
    Rejected,
}
