using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>Who worked how much in one payout window, which can be slid along the chain share by share.</summary>
/// <remarks>
/// Weights are added and taken away modulo 2^256, so what was added can always be taken away again. The accounts stay in the order in which they
/// were paid last: from one window to the next hardly any two change places.
/// </remarks>
internal sealed class PayoutLedger
{
    /// <summary>A window is slid over at most this many shares; farther away it is summed up anew.</summary>
    public const int MostSteps = 64;

    private readonly List<Account> _accounts = [];
    private Account?[] _bySlot = [];
    private ulong[] _amounts = [];
    private WindowSpan? _span;
    private bool _isOrdered;

    /// <summary>Shares to add or take away to get to a window; null when it must be summed up anew.</summary>
    public int? StepsTo(WindowSpan to)
    {
        if (_span is not { IsHeld: true } from || from.Start.Tree != to.Start.Tree || from.Oldest is null || to.Oldest is null) return null;
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
        foreach (var account in _accounts) _bySlot[account.Payee.Slot] = null;
        _accounts.Clear();
        _isOrdered = false;
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
        CloseEmptyAccounts();
        // Each character of a name is a byte of an address or half a one of a script, so ordinal order is the order of the bytes.
        var payees = _accounts.Select(account => new PayeeWeight(account.Payee.Address, account.Weight)).ToArray();
        Array.Sort(payees, (left, right) => string.CompareOrdinal(left.Address, right.Address));
        return new PayoutWeights(ImmutableCollectionsMarshal.AsImmutableArray(payees), Total);
    }

    /// <summary>What the window pays of this subsidy.</summary>
    public PayoutPlan Plan(NetworkParameters network, ulong subsidy)
    {
        CloseEmptyAccounts();
        var proportion = new PayoutProportion(subsidy, Total);
        if (_amounts.Length < _accounts.Count) _amounts = new ulong[2 * _accounts.Count];
        var donation = network.DonationPayee;
        for (var i = 0; i < _accounts.Count; i++)
            _amounts[i] = _accounts[i].Payee.Address == donation ? 0 : proportion.Of(_accounts[i].Weight);
        Order();

        // Who gets nothing stands in front.
        var first = 0;
        while (first < _accounts.Count && _amounts[first] == 0) first++;
        return Serialise(network, subsidy, first);
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
    }

    private void Give(ShareNode node, UInt256 work)
    {
        var weight = Weight(node, work);
        if (weight.IsZero) return;
        var slot = node.Payee.Slot;
        if (slot >= _bySlot.Length) Array.Resize(ref _bySlot, 2 * slot + 16);
        if (_bySlot[slot] is { } account)
        {
            account.Weight = UInt256.AddWrapping(account.Weight, weight);
            return;
        }
        account = _bySlot[slot] = new Account(node.Payee) { Weight = weight };
        _accounts.Add(account);
    }

    private void Take(ShareNode node, UInt256 work)
    {
        var weight = Weight(node, work);
        if (weight.IsZero) return;
        var account = _bySlot[node.Payee.Slot]!;
        account.Weight = UInt256.SubtractWrapping(account.Weight, weight);
    }

    private static UInt256 Weight(ShareNode node, UInt256 work) =>
        UInt256.MultiplySaturating(work, (ulong)(NetworkParameters.FullDonation - node.Share.Share.Info.Donation));

    private void CloseEmptyAccounts()
    {
        var kept = 0;
        for (var i = 0; i < _accounts.Count; i++)
        {
            var account = _accounts[i];
            if (account.Weight.IsZero) _bySlot[account.Payee.Slot] = null;
            else _accounts[kept++] = account;
        }
        _accounts.RemoveRange(kept, _accounts.Count - kept);
    }

    // Puts accounts and amounts in the order of payment. What is nearly in order is put right by insertion; if that takes too long, by sorting.
    private void Order()
    {
        const int MovesPerAccount = 8;
        var moves = _isOrdered ? MovesPerAccount * _accounts.Count : 0;
        _isOrdered = true;
        for (var i = 1; i < _accounts.Count; i++)
        {
            var (amount, account) = (_amounts[i], _accounts[i]);
            var place = i;
            for (; place > 0 && Compare(_amounts[place - 1], _accounts[place - 1], amount, account) > 0; place--)
            {
                (_amounts[place], _accounts[place]) = (_amounts[place - 1], _accounts[place - 1]);
                moves--;
            }
            (_amounts[place], _accounts[place]) = (amount, account);
            if (moves >= 0) continue;
            Sort();
            return;
        }
    }

    private void Sort()
    {
        var amounts = _amounts.AsSpan(0, _accounts.Count);
        var accounts = CollectionsMarshal.AsSpan(_accounts);
        amounts.Sort(accounts);
        for (var start = 0; start < amounts.Length;)
        {
            var end = start + 1;
            while (end < amounts.Length && amounts[end] == amounts[start]) end++;
            if (end - start > 1) accounts[start..end].Sort((left, right) => string.CompareOrdinal(left.Payee.Address, right.Payee.Address));
            start = end;
        }
    }

    private static int Compare(ulong amount, Account account, ulong otherAmount, Account other) =>
        amount != otherAmount ? amount.CompareTo(otherAmount) : string.CompareOrdinal(account.Payee.Address, other.Payee.Address);

    private PayoutPlan Serialise(NetworkParameters network, ulong subsidy, int first)
    {
        var count = _accounts.Count - first;
        var addresses = new string[count];
        var offsets = new int[count + 1];
        for (var i = 0; i < count; i++) offsets[i + 1] = offsets[i] + sizeof(ulong) + _accounts[first + i].Payee.Output.Length;
        var outputs = new byte[offsets[count]];
        for (var i = 0; i < count; i++)
        {
            var payee = _accounts[first + i].Payee;
            addresses[i] = payee.Address;
            BinaryPrimitives.WriteUInt64LittleEndian(outputs.AsSpan(offsets[i]), _amounts[first + i]);
            payee.Output.AsSpan().CopyTo(outputs.AsSpan(offsets[i] + sizeof(ulong)));
        }
        return new PayoutPlan(network, subsidy, addresses, _amounts.AsSpan(first, count).ToArray(), outputs, offsets);
    }

    private sealed class Account(Payee payee)
    {
        public Payee Payee { get; } = payee;

        public UInt256 Weight { get; set; }
    }
}
