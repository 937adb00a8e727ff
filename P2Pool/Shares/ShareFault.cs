namespace Grainpool.P2Pool.Shares;

/// <summary>Why a share was not even taken in: found without looking at the chain.</summary>
public enum ShareFault
{
    /// <summary>A type older than the network's; skipped in silence.</summary>
    OlderType,

    /// <summary>A type this network does not know.</summary>
    UnknownType,

    /// <summary>Its bytes do not make a share.</summary>
    Malformed,

    /// <summary>The coinbase script has less than 2 or more than 100 bytes.</summary>
    CoinbaseScriptLength,

    /// <summary>The payee stands for no script.</summary>
    Address,

    /// <summary>A merkle branch is longer than the version allows.</summary>
    BranchLength,

    /// <summary>It lists a transaction of its own not at all or out of range, or one from a share too far back.</summary>
    TransactionReferences,

    /// <summary>It says "no witness data", which no share of this version may.</summary>
    NoWitnessData,

    /// <summary>The coinbase it claims is too long to be hashed.</summary>
    CoinbaseLength,

    /// <summary>Its target is easier than the network ever allows.</summary>
    TargetTooEasy,

    /// <summary>Its proof of work does not meet its target.</summary>
    ProofOfWork,
}

/// <summary>What the sender of a faulty share has coming, as the legacy nodes do it.</summary>
public enum ShareFaultConsequence
{
    /// <summary>Nothing; go on with the message.</summary>
    Skip,

    /// <summary>End the connection; the rest of the message is lost.</summary>
    Disconnect,

    /// <summary>End the connection and ban the sender.</summary>
    Ban,
}

/// <summary>What follows from a fault.</summary>
public static class ShareFaults
{
    /// <summary>The consequence for whoever sent the share.</summary>
    public static ShareFaultConsequence Consequence(this ShareFault fault) => fault switch
    {
        ShareFault.OlderType => ShareFaultConsequence.Skip,
        ShareFault.TargetTooEasy or ShareFault.ProofOfWork => ShareFaultConsequence.Ban,
        _ => ShareFaultConsequence.Disconnect,
    };
}
