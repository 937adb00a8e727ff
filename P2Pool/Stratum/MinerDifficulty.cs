using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Stratum;

/// <summary>The number of <c>mining.set_difficulty</c>: "Bitcoin" difficulty times a factor of the coin (256 for Vertcoin).</summary>
public static class MinerDifficulty
{
    // A widely used miner takes 2^232 / difficulty for its target instead of 0xffff × 2^216 / difficulty, which is larger by 1/65535; and both
    // compute in doubles. What lies in between is honest work, if too weak by the formula.
    private const int ToleranceShift = 15;

    /// <summary>What a miner is told so that it works at this target.</summary>
    /// <param name="target">Hashes at or below it are to be submitted.</param>
    /// <param name="factor">The coin's: see <see cref="Networks.ParentChainParameters.MinerDifficultyFactor"/>.</param>
    public static double Of(UInt256 target, int factor) => Targets.Difficulty(target) * factor;

    /// <summary>The target of a difficulty as told to miners.</summary>
    public static UInt256 ToTarget(double difficulty, int factor) => Targets.FromDifficulty(difficulty / factor);

    /// <summary>Whether a miner that was given this target may honestly have submitted this hash.</summary>
    public static bool IsMet(UInt256 hash, UInt256 target) => hash <= target || hash <= UInt256.AddSaturating(target, target >> ToleranceShift);
}
