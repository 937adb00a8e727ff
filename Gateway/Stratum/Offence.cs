namespace Grainpool.Gateway.Stratum;

/// <summary>What is held against a miner. A late or unknown job is not: that is everyday life.</summary>
internal enum Offence
{
    /// <summary>A line that is no request, or parameters that cannot be read.</summary>
    BrokenRequest,

    /// <summary>A method that does not exist.</summary>
    UnknownMethod,

    /// <summary>A submission with a field that is not what it should be.</summary>
    BrokenSubmission,

    /// <summary>A hash above the target that was asked for: it cost us a Verthash.</summary>
    LowDifficulty,

    /// <summary>The same solution again.</summary>
    Duplicate,

    /// <summary>A header time out of range, or version bits that were not agreed.</summary>
    ForbiddenHeader,

    /// <summary>More submissions for a job than are remembered, though there was a new one long ago.</summary>
    TooManyForJob,

    /// <summary>A name that cannot be paid.</summary>
    RefusedName,

    /// <summary>A line longer than allowed.</summary>
    LongLine,
}

/// <summary>What each offence weighs, against a limit of 100 as configured by default, and how it is called.</summary>
internal static class Offences
{
    /// <summary>Points of an offence.</summary>
    public static double Weight(this Offence offence) => offence switch
    {
        Offence.BrokenRequest or Offence.BrokenSubmission => 5,
        Offence.UnknownMethod or Offence.LowDifficulty => 1,
        Offence.Duplicate or Offence.ForbiddenHeader => 2,
        Offence.TooManyForJob => 10,
        Offence.RefusedName => 20,
        Offence.LongLine => 100,
        _ => throw new ArgumentOutOfRangeException(nameof(offence), offence, "no such offence"),
    };

    /// <summary>For the sentence that its miner is told; none of them speaks of a "job", which some miners would show as a stale one.</summary>
    public static string Sentence(this Offence offence) => offence switch
    {
        Offence.BrokenRequest => "a request that could not be read",
        Offence.UnknownMethod => "a method that does not exist",
        Offence.BrokenSubmission => "a submission with a field that could not be read",
        Offence.LowDifficulty => "a hash above the target it was given",
        Offence.Duplicate => "a solution it had sent before",
        Offence.ForbiddenHeader => "a header time or version bits that cannot be",
        Offence.TooManyForJob => "far too many submissions at one difficulty",
        Offence.RefusedName => "a user name that cannot be paid",
        Offence.LongLine => "a line without end",
        _ => throw new ArgumentOutOfRangeException(nameof(offence), offence, "no such offence"),
    };

    /// <summary>Label of the metric, and words for the log.</summary>
    public static string Word(this Offence offence) => offence switch
    {
        Offence.BrokenRequest => "broken-request",
        Offence.UnknownMethod => "unknown-method",
        Offence.BrokenSubmission => "broken-submission",
        Offence.LowDifficulty => "low-difficulty",
        Offence.Duplicate => "duplicate",
        Offence.ForbiddenHeader => "forbidden-header",
        Offence.TooManyForJob => "too-many-for-job",
        Offence.RefusedName => "refused-name",
        Offence.LongLine => "long-line",
        _ => throw new ArgumentOutOfRangeException(nameof(offence), offence, "no such offence"),
    };
}
