namespace Grainpool.Daemon;

/// <summary>What a daemon makes of a block, in the words of BIP 22.</summary>
public enum SubmitOutcome
{
    /// <summary>New, valid, and now the tip.</summary>
    Accepted,

    /// <summary>Known and valid already: as good as accepted.</summary>
    Duplicate,

    /// <summary>Valid so far, but not the tip: another block of the same height came first. Of a proposal: not on top of the tip, so not judged.</summary>
    Inconclusive,

    /// <summary>Known already, not judged to the end.</summary>
    DuplicateInconclusive,

    /// <summary>The daemon does not know the block before it, as after a crash or while it catches up, so that it cannot judge yet. To be offered again.</summary>
    ParentUnknown,

    /// <summary>Known already, and invalid.</summary>
    DuplicateInvalid,

    /// <summary>Breaks a rule of the coin; <see cref="SubmitVerdict.Reason"/> says which.</summary>
    Rejected,
}

/// <summary>A daemon's verdict on a block.</summary>
/// <param name="Outcome">Which of the closed set.</param>
/// <param name="Reason">The daemon's own word, such as <c>bad-cb-amount</c>; empty when accepted.</param>
public sealed record SubmitVerdict(SubmitOutcome Outcome, string Reason)
{
    /// <summary>After <c>submitblock</c>: whether the daemon has the block and holds it for valid, so that offering it again changes nothing.</summary>
    public bool IsHeld => Outcome is SubmitOutcome.Accepted or SubmitOutcome.Duplicate or SubmitOutcome.Inconclusive or SubmitOutcome.DuplicateInconclusive;

    /// <summary>Whether the daemon will say the same when it is asked again.</summary>
    public bool IsFinal => Outcome != SubmitOutcome.ParentUnknown;

    /// <summary>Reads the result of <c>submitblock</c> or of a proposal: null or empty is acceptance.</summary>
    public static SubmitVerdict Parse(string? result) => result switch
    {
        null or "" => new(SubmitOutcome.Accepted, ""),
        "duplicate" => new(SubmitOutcome.Duplicate, result),
        "duplicate-invalid" => new(SubmitOutcome.DuplicateInvalid, result),
        "duplicate-inconclusive" => new(SubmitOutcome.DuplicateInconclusive, result),
        "prev-blk-not-found" => new(SubmitOutcome.ParentUnknown, result),
        _ when result.StartsWith("inconclusive", StringComparison.Ordinal) => new(SubmitOutcome.Inconclusive, result),
        _ => new(SubmitOutcome.Rejected, result),
    };
}
