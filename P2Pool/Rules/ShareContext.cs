using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Rules;

/// <summary>The shares the pool's rate is measured over: the parent and its next ancestors.</summary>
/// <param name="MaxTargetAttempts">Sum of the expected hashes of their max targets, over one share less than the look-behind.</param>
/// <param name="FarTimestamp">Timestamp of the share just above those, Unix seconds.</param>
public readonly record struct RateWindow(UInt256 MaxTargetAttempts, uint FarTimestamp);

/// <summary>A share and its ancestors, for rules that look at single ones.</summary>
public interface IShareLine
{
    /// <summary>Shares, newest first, as far as they are held.</summary>
    /// <param name="steps">How far above the share to begin; 0 begins with itself.</param>
    /// <param name="count">Most shares to give.</param>
    IEnumerable<CheckedShare> From(int steps, int count);
}

/// <summary>What the rules must know of the share a new one builds on.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Height">Shares held from it back to the first one known, itself included.</param>
/// <param name="Timestamp">Unix seconds.</param>
/// <param name="MaxTarget">Target of its max bits.</param>
/// <param name="AbsoluteHeight">As it says itself.</param>
/// <param name="AbsoluteWork">As it says itself.</param>
/// <param name="Rate">The rate window that ends with it; needed, and looked at, only from a height of the look-behind on.</param>
/// <param name="FarShare">
/// The hash 99 steps above it (that of the parent of the first share counts: zero); zero when the chain reaches its first share earlier;
/// null when the shares between are not held.
/// </param>
public sealed record ParentView(
    Hash256 Hash,
    int Height,
    uint Timestamp,
    UInt256 MaxTarget,
    uint AbsoluteHeight,
    UInt128 AbsoluteWork,
    RateWindow? Rate,
    Hash256? FarShare)
{
    /// <summary>The share and its ancestors; needed, and looked at, only where there are several versions of shares, or shares name transactions.</summary>
    public IShareLine? Line { get; init; }

    /// <summary>Gives the transactions known above it when they are asked for; without it they are gathered from <see cref="Line"/>.</summary>
    public Func<KnownTransactions>? KnownTransactions { get; init; }
}

/// <summary>Everything the rules must know of the chain under a share.</summary>
/// <param name="Parent">The share it builds on; null for the first of a chain.</param>
/// <param name="Weights">Who is paid at its place (<see cref="PayoutWindow"/>).</param>
public sealed record ShareContext(ParentView? Parent, PayoutWeights Weights)
{
    /// <summary>The place of a chain's first share.</summary>
    public static ShareContext First { get; } = new(null, PayoutWeights.Empty);
}
