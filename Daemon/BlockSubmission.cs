using System.Collections.Immutable;

namespace Grainpool.Daemon;

/// <summary>What one daemon said at last to a found block.</summary>
/// <param name="Daemon">Its url, without secrets.</param>
/// <param name="Attempts">How often it was asked.</param>
/// <param name="Answer">Its verdict, or why it never gave one.</param>
public sealed record DaemonSubmission(string Daemon, int Attempts, DaemonAnswer<SubmitVerdict> Answer);

/// <summary>What all daemons said to a found block.</summary>
/// <param name="Daemons">One each, in the order of their answers.</param>
public sealed record BlockSubmission(ImmutableArray<DaemonSubmission> Daemons)
{
    /// <summary>The most favourable verdict; null when no daemon gave one.</summary>
    public SubmitVerdict? Best => Daemons
        .Where(submission => submission.Answer.Succeeded)
        .Select(submission => submission.Answer.Value!)
        .OrderBy(verdict => verdict.Outcome)
        .FirstOrDefault();

    /// <summary>Whether some daemon has the block and holds it for valid.</summary>
    public bool IsHeld => Best is { IsHeld: true };
}
