using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Payouts;

/// <summary>How far the payout window of a new share reaches. Consensus. Spec: weights.</summary>
/// <remarks>
/// It starts at the parent's parent and goes up. A share counts (65535 − donation) × attempts for its payee; the share that would go beyond
/// <paramref name="MostAttempts"/> counts in part, with the attempts still missing, and is the last.
/// </remarks>
/// <param name="MostShares">Shares the window holds at most.</param>
/// <param name="MostAttempts">Work it holds at most: expected hashes.</param>
public readonly record struct PayoutWindow(int MostShares, UInt256 MostAttempts)
{
    /// <summary>The window above a parent of this height (0 without parent) for a share that names this block target.</summary>
    public static PayoutWindow Above(NetworkParameters network, int parentHeight, CompactTarget blockBits) => new(
        Math.Max(0, Math.Min(parentHeight, network.ChainLength) - 1),
        UInt256.MultiplySaturating(blockBits.AverageAttempts, (ulong)network.SpreadBlocks));
}
