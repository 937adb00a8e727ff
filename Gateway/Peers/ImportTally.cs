using Grainpool.GrainInterfaces.Chain;

namespace Grainpool.Gateway.Peers;

/// <summary>What became of the shares of one file.</summary>
internal sealed class ImportTally
{
    /// <summary>Shares looked at.</summary>
    public int Shares => Known + Unproven + Taken + Refused;

    /// <summary>Those the chain had.</summary>
    public int Known { get; set; }

    /// <summary>Those whose proof of work is not good.</summary>
    public int Unproven { get; set; }

    /// <summary>Those the chain took.</summary>
    public int Taken { get; private set; }

    /// <summary>Those it refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Why it refused the first of them; null when it refused none.</summary>
    public string? Reason { get; private set; }

    /// <summary>Counts what the chain said.</summary>
    public void Add(AddSharesAnswer answer)
    {
        foreach (var verdict in answer.Verdicts)
        {
            switch (verdict.Outcome)
            {
                case ShareOutcome.Refused:
                    Refused++;
                    Reason ??= verdict.Reason;
                    break;
                case ShareOutcome.AlreadyKnown:
                    Known++;
                    break;
                default:
                    Taken++;
                    break;
            }
        }
    }
}
