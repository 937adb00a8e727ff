using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Chain;

/// <summary>Looks up in the forest what the rules must know of the chain under a share.</summary>
internal sealed class ShareContexts(NetworkParameters network)
{
    private readonly PayoutWindows _windows = new(network);
    private readonly TransactionWindows _transactions = new();
    private readonly bool _namesTransactions = network.ShareVersions.Any(version => version.NamesTransactions);

    /// <summary>The chain under a share that builds on <paramref name="parent"/> (none: null) and names this block target.</summary>
    public ShareContext Of(ShareNode? parent, CompactTarget blockBits) =>
        parent is null ? ShareContext.First : new ShareContext(View(parent), Weights(parent, blockBits));

    /// <summary>What must be paid by a share of this subsidy at the same place; good until the next call of any method.</summary>
    public PayoutPlan Plan(ShareNode? parent, CompactTarget blockBits, ulong subsidy) =>
        _windows.Plan(parent?.Parent, PayoutWindow.Above(network, parent?.Height ?? 0, blockBits), subsidy);

    private PayoutWeights Weights(ShareNode parent, CompactTarget blockBits) =>
        _windows.Weigh(parent.Parent, PayoutWindow.Above(network, parent.Height, blockBits));

    /// <summary>The parent as the rules see it.</summary>
    public ParentView View(ShareNode parent)
    {
        var info = parent.Share.Share.Info;
        return new ParentView(
            parent.Hash,
            parent.Height,
            info.Timestamp,
            parent.Share.MaxTarget,
            info.AbsoluteHeight,
            info.AbsoluteWork,
            Rate(parent),
            FarShare(parent))
        {
            Line = parent,
            KnownTransactions = _namesTransactions ? () => _transactions.Under(parent) : null,
        };
    }

    private RateWindow? Rate(ShareNode parent) =>
        parent.Ancestor(network.TargetLookbehind - 1) is { } far
            ? new RateWindow((parent.Sums - far.Sums).MaxTargetWork, far.Share.Share.Info.Timestamp)
            : null;

    // The hash beyond the oldest held share can still be named, though the share itself is not there.
    private static Hash256? FarShare(ShareNode parent)
    {
        const int Distance = NetworkParameters.FarShareDistance;
        if (parent.Ancestor(Distance) is { } far) return far.Hash;
        return parent.Height == Distance || parent.Tail.IsZero ? parent.Tail : null;
    }
}
