namespace Grainpool.P2Pool.Chain;

/// <summary>One payee's part of a stretch of the chain.</summary>
/// <param name="AttemptsPerSecond">Hashes per second that went into the payee's shares of the chain.</param>
/// <param name="Shares">How many these are.</param>
/// <param name="Lost">Those of them that announce a lost one.</param>
public sealed record PayeeRate(double AttemptsPerSecond, int Shares, int Lost)
{
    /// <summary>Part of the payee's shares lost, 0…1, as they announce.</summary>
    public double StaleProportion => (double)Lost / (Shares + Lost);
}
