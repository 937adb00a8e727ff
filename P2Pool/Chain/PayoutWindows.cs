using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;

namespace Grainpool.P2Pool.Chain;

/// <summary>Sums up who worked how much in a stretch of the chain.</summary>
/// <remarks>
/// The next share's window is the last one's but for a share at each end, so a few windows are kept and the nearest is slid there. Several, since
/// the block target a share names sets its window and nobody checks it: whoever writes another one every time makes us keep as many windows.
/// With still more of them some are summed up anew each time, which costs a walk of at most <see cref="PayoutWindow.MostShares"/> shares.
/// </remarks>
internal sealed class PayoutWindows(NetworkParameters network)
{
    private const int Kept = 8;

    // The one used last in front.
    private readonly List<PayoutLedger> _ledgers = [];

    /// <summary>Windows that had to be summed up anew.</summary>
    public int SummedUp { get; private set; }

    /// <summary>Weights of a window whose newest share is <paramref name="start"/>; null gives an empty one.</summary>
    public PayoutWeights Weigh(ShareNode? start, PayoutWindow window) =>
        start is null ? PayoutWeights.Empty : At(WindowSpan.Of(start, window)).Weights();

    /// <summary>What the same window pays of a subsidy; good until the next call of any method.</summary>
    public PayoutPlan Plan(ShareNode? start, PayoutWindow window, ulong subsidy) =>
        start is null
            ? new PayoutPlan(network, subsidy, [], [], [], [], [0], 0, 0)
            : At(WindowSpan.Of(start, window)).Plan(network, subsidy);

    /// <summary>Weights of one window that no other will follow.</summary>
    public static PayoutWeights Sum(ShareNode start, PayoutWindow window)
    {
        var ledger = new PayoutLedger();
        ledger.SumUp(WindowSpan.Of(start, window));
        return ledger.Weights();
    }

    private PayoutLedger At(WindowSpan span)
    {
        var (nearest, steps) = (-1, int.MaxValue);
        for (var i = 0; i < _ledgers.Count && steps > 0; i++)
            if (_ledgers[i].StepsTo(span) is { } found && found < steps)
                (nearest, steps) = (i, found);

        if (nearest >= 0)
        {
            var ledger = _ledgers[nearest];
            ledger.SlideTo(span);
            _ledgers.RemoveAt(nearest);
            _ledgers.Insert(0, ledger);
            return ledger;
        }

        var anew = _ledgers.Count < Kept ? new PayoutLedger() : _ledgers[^1];
        _ledgers.Remove(anew);
        _ledgers.Insert(0, anew);
        anew.SumUp(span);
        SummedUp++;
        return anew;
    }
}
