using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Work;

/// <summary>The share target wished for a payee's next share; the chain's own bounds come on top. Local policy, the legacy nodes' (spec: share target).</summary>
public static class DesiredTarget
{
    // A single address is to make at most 1.67 % of the pool's shares.
    private const double GreatestPartOfShares = 0.0167;

    // Fewer shares tell too little of the pool's rate.
    private const int LeastParentHeight = 120;

    // Without physical reason, as in the legacy nodes: it makes the dust rule that much more lenient than it reads.
    private const double DustLeniency = 256;

    /// <summary>Chooses the target.</summary>
    /// <param name="network">Share period, dust threshold and spread.</param>
    /// <param name="work">Where the share will stand.</param>
    /// <param name="hashRate">Hashes per second of the payee; 0 when unknown.</param>
    /// <param name="wish">The miner's own wish, which outranks the rule; null for none.</param>
    public static UInt256 Choose(NetworkParameters network, WorkBase work, double hashRate, UInt256? wish)
    {
        if (wish is { } target) return target;
        var chosen = UInt256.MaxValue;
        if (hashRate > 0)
            chosen = UInt256.Min(chosen, Targets.FromAttempts(hashRate * network.SharePeriod.TotalSeconds / GreatestPartOfShares));

        var value = (double)work.Template.CoinbaseValue;
        if (work.ParentHeight <= LeastParentHeight || !(work.PoolAttemptsPerSecond > 0) || value == 0) return chosen;
        var expected = hashRate * DustLeniency / work.PoolAttemptsPerSecond * value;
        if (expected >= network.DustThreshold) return chosen;
        var attempts = Targets.AverageAttempts(work.Template.Bits.ToTarget()).ToDouble() * network.SpreadBlocks * network.DustThreshold / value;
        return UInt256.Min(chosen, Targets.FromAttempts(attempts));
    }
}
