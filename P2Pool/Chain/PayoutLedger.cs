using System.Runtime.InteropServices;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>Who worked how much in one payout window, which can be slid along the chain share by share.</summary>
/// <remarks>
/// Weights are added and taken away modulo 2^256, so what was added can always be taken away again. Who is paid in which order is worked out only
/// when somebody asks for a plan, and from what changed since the last one.
/// </remarks>
internal sealed class PayoutLedger
{
    /// <summary>A window is slid over at most this many shares; farther away it is summed up anew.</summary>
    public const int MostSteps = 64;

    private readonly PaymentOrder _order = new();
    private readonly List<PayoutAccount> _changed = [];
    private PayoutAccount?[] _accounts = []; // by the payee's slot
    private WindowSpan? _span;

    /// <summary>Shares to add or take away to get to a window; null when it must be summed up anew.</summary>
    public int? StepsTo(WindowSpan to)
    {
        if (_span is not { IsHeld: true } from) return null;
        // The share they fork at is one that counts in full in both of them.
        if (Fork(from.Start, to.Start) is not { } fork || fork.Position < Math.Max(from.End, to.End)) return null;
        var steps = from.Start.Position + to.Start.Position - 2 * fork.Position + Math.Abs(from.End - to.End);
        return steps <= MostSteps ? (int)steps : null;
    }

    /// <summary>Slides to a window for which <see cref="StepsTo"/> has an answer.</summary>
    public void SlideTo(WindowSpan to)
    {
        var from = _span!.Value;
        var fork = Fork(from.Start, to.Start);
        if (from.Partial is { } was) Take(was, from.PartialWork);
        for (var node = from.Start; node != fork; node = node.Parent!) Take(node, node.Share.Attempts);
        for (var node = to.Start; node != fork; node = node.Parent!) Give(node, node.Share.Attempts);
        for (var node = from.Oldest!; node.Position > to.End;) Give(node = node.Parent!, node.Share.Attempts);
        for (var node = to.Oldest!; node.Position > from.End;) Take(node = node.Parent!, node.Share.Attempts);
        Finish(to);
    }

    /// <summary>Sums up a window from nothing.</summary>
    public void SumUp(WindowSpan span)
    {
        foreach (var account in _accounts)
            if (account is not null)
                Change(account, UInt256.Zero);
        if (span.Oldest is { } oldest)
        {
            for (var node = span.Start; node != oldest; node = node.Parent!) Give(node, node.Share.Attempts);
            Give(oldest, oldest.Share.Attempts);
        }
        Finish(span);
    }

    /// <summary>Weights of the window, by address.</summary>
    public PayoutWeights Weights()
    {
        // Each character of a name is a byte of an address or half a one of a script, so ordinal order is the order of the bytes.
        var payees = _accounts.OfType<PayoutAccount>().Select(account => new PayeeWeight(account.Payee.Address, account.Weight)).ToArray();
        Array.Sort(payees, (left, right) => string.CompareOrdinal(left.Address, right.Address));
        return new PayoutWeights(ImmutableCollectionsMarshal.AsImmutableArray(payees), Total);
    }

    /// <summary>What the window pays of this subsidy; good until the next call of any method.</summary>
    public PayoutPlan Plan(NetworkParameters network, ulong subsidy)
    {
        _order.Change(_changed, network.DonationPayee);
        foreach (var account in _changed) account.IsChanged = false;
        _changed.Clear();
        return _order.Plan(network, subsidy, Total);
    }

    private UInt256 Total => UInt256.MultiplySaturating(_span!.Value.Work, NetworkParameters.FullDonation);

    // The youngest share both are built on, if it is near.
    private static ShareNode? Fork(ShareNode left, ShareNode right)
    {
        var (one, other) = (left, right);
        for (var steps = 0; steps <= MostSteps && one is not null && other is not null; steps++)
        {
            if (one == other) return one;
            if (one.Position > other.Position) one = one.Parent;
            else if (one.Position < other.Position) other = other.Parent;
            else (one, other) = (one.Parent, other.Parent);
        }
        return null;
    }

    private void Finish(WindowSpan span)
    {
        if (span.Partial is { } partial) Give(partial, span.PartialWork);
        _span = span;
        // A payee whose last share goes makes room for another, who then finds no account here.
        foreach (var account in _changed)
            if (account.Weight.IsZero && _accounts[account.Payee.Slot] == account)
                _accounts[account.Payee.Slot] = null;
    }

    private void Give(ShareNode node, UInt256 work)
    {
        var weight = Weight(node, work);
        if (weight.IsZero) return;
        var slot = node.Payee.Slot;
        if (slot >= _accounts.Length) Array.Resize(ref _accounts, 2 * slot + 16);
        // After a time without this window another may stand there, who left since.
        var account = _accounts[slot] is { } known && known.Payee == node.Payee ? known : _accounts[slot] = new PayoutAccount(node.Payee);
        Change(account, UInt256.AddWrapping(account.Weight, weight));
    }

    private void Take(ShareNode node, UInt256 work)
    {
        var weight = Weight(node, work);
        if (weight.IsZero) return;
        var account = _accounts[node.Payee.Slot]!;
        Change(account, UInt256.SubtractWrapping(account.Weight, weight));
    }

    private void Change(PayoutAccount account, UInt256 weight)
    {
        account.Weight = weight;
        if (account.IsChanged) return;
        account.IsChanged = true;
        _changed.Add(account);
    }

    private static UInt256 Weight(ShareNode node, UInt256 work) =>
        UInt256.MultiplySaturating(work, (ulong)(NetworkParameters.FullDonation - node.Share.Share.Info.Donation));
}
