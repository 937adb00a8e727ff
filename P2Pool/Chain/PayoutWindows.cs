using System.Runtime.InteropServices;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>Sums up who worked how much in a stretch of the chain, and remembers the latest answers.</summary>
/// <remarks>
/// Siblings, and our own work on the best share, ask for the same window again and again. It is decided by its newest share, its length and its
/// cap: ancestors never change while they are held.
/// </remarks>
internal sealed class PayoutWindows
{
    private const int Remembered = 16;

    private readonly Dictionary<(Hash256 Start, PayoutWindow Window), PayoutWeights> _known = [];
    private readonly Queue<(Hash256 Start, PayoutWindow Window)> _order = new();

    /// <summary>Weights of a window whose newest share is <paramref name="start"/>; null gives an empty one.</summary>
    public PayoutWeights Weigh(ShareNode? start, PayoutWindow window)
    {
        if (start is null || window.MostShares <= 0) return PayoutWeights.Empty;
        var key = (start.Hash, window with { MostShares = Math.Min(window.MostShares, start.Height) });
        if (_known.TryGetValue(key, out var weights)) return weights;
        if (_order.Count == Remembered) _known.Remove(_order.Dequeue());
        _order.Enqueue(key);
        return _known[key] = Sum(start, key.Item2);
    }

    /// <summary>The same, worked out anew.</summary>
    public static PayoutWeights Sum(ShareNode start, PayoutWindow window)
    {
        var sum = UInt256.Zero;
        var weights = new Dictionary<string, UInt256>(StringComparer.Ordinal);
        var left = window.MostShares;
        for (ShareNode? node = start; node is not null && left > 0 && sum < window.MostAttempts; node = node.Parent, left--)
        {
            var info = node.Share.Share.Info;
            var work = UInt256.Min(node.Share.Attempts, window.MostAttempts - sum);
            sum = UInt256.AddSaturating(sum, work);
            if (info.Donation == NetworkParameters.FullDonation) continue;
            ref var weight = ref CollectionsMarshal.GetValueRefOrAddDefault(weights, info.Address, out _);
            weight = UInt256.AddSaturating(weight, UInt256.MultiplySaturating(work, (ulong)(NetworkParameters.FullDonation - info.Donation)));
        }

        // Each character of an address is one byte of the wire, so ordinal order is the order of the bytes.
        var payees = weights.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new PayeeWeight(pair.Key, pair.Value));
        return new PayoutWeights([.. payees], UInt256.MultiplySaturating(sum, NetworkParameters.FullDonation));
    }
}
