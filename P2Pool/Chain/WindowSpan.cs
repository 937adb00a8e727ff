using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>Which shares a payout window holds.</summary>
/// <param name="Start">Its newest share, also when the window is too small for it.</param>
/// <param name="Oldest">The oldest share that counts in full; null when none does.</param>
/// <param name="Partial">The share that counts in part, the next older one; null when there is none.</param>
/// <param name="PartialWork">The work it counts with.</param>
internal readonly record struct WindowSpan(ShareNode Start, ShareNode? Oldest, ShareNode? Partial, UInt256 PartialWork)
{
    /// <summary>Shares that count in full.</summary>
    public int Full => Oldest is null ? 0 : (int)(Start.Position - Oldest.Position) + 1;

    /// <summary>Where the full shares end; one above the start when there are none.</summary>
    public long End => Oldest?.Position ?? Start.Position + 1;

    /// <summary>Work of all of it.</summary>
    public UInt256 Work => Oldest is null
        ? PartialWork
        : UInt256.AddSaturating(
            UInt256.AddSaturating(UInt256.SubtractWrapping(Start.Sums.Work, Oldest.Sums.Work), Oldest.Share.Attempts), PartialWork);

    /// <summary>Whether its lower end is still held, and so, if the start is, every share that counts in full.</summary>
    public bool IsHeld => Oldest is not { Tree: null };

    /// <summary>Cuts a window out of the chain, in logarithmic time.</summary>
    public static WindowSpan Of(ShareNode start, PayoutWindow window)
    {
        var most = Math.Min(window.MostShares, start.Height);
        var partial = start.FirstBeyond(window.MostAttempts);
        var full = partial is null ? most : (int)Math.Min(most, start.Position - partial.Position);
        if (full == most) partial = null;
        var span = new WindowSpan(start, full == 0 ? null : start.Ancestor(full - 1), null, UInt256.Zero);
        if (partial is null) return span;
        var missing = UInt256.SubtractWrapping(window.MostAttempts, span.Work);
        return missing.IsZero ? span : span with { Partial = partial, PartialWork = missing };
    }
}
