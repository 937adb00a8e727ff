using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>The payees of a window in the order a block pays them, with their outputs as they stand in a coinbase.</summary>
/// <remarks>
/// Amounts grow with weights, so the order hardly changes from one window to the next, while every amount does. What stays is copied in a few large
/// pieces from one set of columns to the other; then only the amounts are written, in place. Only where unequal weights come to equal amounts, and
/// another order counts than that of weights, a plan is made in columns of its own: the spare ones, which nobody needs until the next change.
/// </remarks>
internal sealed class PaymentOrder
{
    private readonly List<int> _leaving = [];
    private readonly List<PayoutAccount> _coming = [];
    private Columns _columns = new();
    private Columns _spare = new();
    private ulong[] _amounts = [];
    private ulong[] _keys = [];

    /// <summary>Puts these accounts where their weights now belong; each is given once, and those without weight leave.</summary>
    /// <remarks>The donation has no place: what would be paid to it is left over for it anyway, and stands apart.</remarks>
    public void Change(List<PayoutAccount> accounts, string donation)
    {
        foreach (var account in accounts)
        {
            if (account.Weight == account.PlacedBy || account.Payee.Address == donation) continue;
            if (!account.PlacedBy.IsZero) _leaving.Add(_columns.PlaceAbove(account.PlacedBy, account.Payee) - 1);
            if (!account.Weight.IsZero) _coming.Add(account);
            account.PlacedBy = account.Weight;
        }
        if (_leaving.Count == 0 && _coming.Count == 0) return;
        _leaving.Sort();
        SortComing();
        Merge();
        (_columns, _spare) = (_spare, _columns);
        _leaving.Clear();
        _coming.Clear();
    }

    /// <summary>What is paid of a subsidy, good until the next call of any method.</summary>
    /// <param name="network">Its rules.</param>
    /// <param name="subsidy">Satoshi.</param>
    /// <param name="total">Weight of the window, the donated part included.</param>
    public PayoutPlan Plan(NetworkParameters network, ulong subsidy, UInt256 total)
    {
        var count = _columns.Count;
        if (_amounts.Length < count) _amounts = new ulong[_columns.Weights.Length];
        var proportion = new PayoutProportion(subsidy, total);
        var (weights, offsets, outputs, amounts) = (_columns.Weights, _columns.Offsets, _columns.Outputs, _amounts);
        for (var i = 0; i < count; i++)
        {
            var amount = amounts[i] = proportion.Of(weights[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(outputs.AsSpan(offsets[i]), amount);
        }

        // Who gets nothing stands in front.
        var first = 0;
        while (first < count && amounts[first] == 0) first++;
        var paid = ByAmount(first);
        return new PayoutPlan(network, subsidy, paid.Addresses, paid.Starts, amounts, paid.Outputs, paid.Offsets, first, count);
    }

    // Unequal weights may come to the same amount, and then the address decides.
    private Columns ByAmount(int first)
    {
        var (weights, amounts, count) = (_columns.Weights, _amounts, _columns.Count);
        var paid = _columns;
        for (int start = first, end; start < count; start = end)
        {
            for (end = start + 1; end < count && amounts[end] == amounts[start];) end++;
            if (end - start == 1 || weights[start] == weights[end - 1]) continue;
            var order = _columns.ByAddress(start, end);
            if (order.IsEmpty) continue;
            if (paid == _columns)
            {
                _spare.CopyPayments(_columns);
                paid = _spare;
            }
            paid.Arrange(start, order, _columns);
        }
        return paid;
    }

    // Nearly all weights fit 64 bits.
    private void SortComing()
    {
        if (_keys.Length < _coming.Count) _keys = new ulong[2 * _coming.Count];
        var keys = _keys.AsSpan(0, _coming.Count);
        for (var i = 0; i < keys.Length; i++)
            keys[i] = _coming[i].Weight is { BitLength: <= 64 } weight ? (ulong)weight.ToUInt128Wrapping() : ulong.MaxValue;
        KeyedSort.Sort(keys, CollectionsMarshal.AsSpan(_coming), PayoutAccount.Order);
    }

    private void Merge()
    {
        _spare.Clear();
        _spare.Reserve(
            _columns.Count + _coming.Count, _columns.Offsets[_columns.Count] + _coming.Sum(account => sizeof(ulong) + account.Payee.Output.Length));
        var (read, left) = (0, 0);
        foreach (var account in _coming)
        {
            CopyUpTo(_columns.PlaceAbove(account.Weight, account.Payee));
            _spare.Append(account);
        }
        CopyUpTo(_columns.Count);

        void CopyUpTo(int end)
        {
            for (; left < _leaving.Count && _leaving[left] < end; left++)
            {
                _spare.Append(_columns, read, _leaving[left]);
                read = _leaving[left] + 1;
            }
            _spare.Append(_columns, read, end);
            read = end;
        }
    }

    // Parallel, ascending by (weight, address). Output i, amount in front, is the bytes from offset i to offset i + 1.
    private sealed class Columns
    {
        private readonly Comparer<int> _byName;
        private ulong[] _sorted = [];
        private int[] _order = [];

        public Columns() => _byName = Comparer<int>.Create((left, right) => string.CompareOrdinal(Addresses[left], Addresses[right]));

        public UInt256[] Weights { get; private set; } = [];

        public string[] Addresses { get; private set; } = [];

        public ulong[] Starts { get; private set; } = [];

        public int[] Offsets { get; private set; } = [0];

        public byte[] Outputs { get; private set; } = [];

        public int Count { get; private set; }

        public void Clear() => Count = 0;

        /// <summary>Makes room; what was there is lost.</summary>
        public void Reserve(int count, int bytes)
        {
            if (Weights.Length < count)
            {
                var room = count + count / 4;
                (Weights, Addresses, Starts, Offsets) = (new UInt256[room], new string[room], new ulong[room], new int[room + 1]);
            }
            if (Outputs.Length < bytes) Outputs = new byte[bytes + bytes / 4];
        }

        public void Append(PayoutAccount account)
        {
            (Weights[Count], Addresses[Count], Starts[Count]) = (account.Weight, account.Payee.Address, account.Payee.Start);
            var script = Offsets[Count] + sizeof(ulong);
            account.Payee.Output.CopyTo(Outputs, script);
            Offsets[++Count] = script + account.Payee.Output.Length;
        }

        public void Append(Columns other, int from, int to)
        {
            if (from >= to) return;
            var count = to - from;
            Array.Copy(other.Weights, from, Weights, Count, count);
            Array.Copy(other.Addresses, from, Addresses, Count, count);
            Array.Copy(other.Starts, from, Starts, Count, count);
            var start = other.Offsets[from];
            var moved = Offsets[Count] - start;
            other.Outputs.AsSpan(start..other.Offsets[to]).CopyTo(Outputs.AsSpan(start + moved));
            var offsets = Offsets.AsSpan(Count + 1, count);
            for (var i = 0; i < offsets.Length; i++) offsets[i] = other.Offsets[from + 1 + i] + moved;
            Count += count;
        }

        /// <summary>Becomes a copy of other columns, but for the weights.</summary>
        public void CopyPayments(Columns other)
        {
            Reserve(other.Count, other.Offsets[other.Count]);
            Count = other.Count;
            Array.Copy(other.Addresses, Addresses, Count);
            Array.Copy(other.Starts, Starts, Count);
            Array.Copy(other.Offsets, Offsets, Count + 1);
            other.Outputs.AsSpan(..other.Offsets[Count]).CopyTo(Outputs);
        }

        /// <summary>Puts what stands at these places of other columns, in this order, into the stretch that it takes there.</summary>
        /// <param name="start">First place of the stretch.</param>
        /// <param name="order">Every place of the stretch once.</param>
        /// <param name="other">Columns of which these are a copy.</param>
        public void Arrange(int start, ReadOnlySpan<int> order, Columns other)
        {
            var (offset, offsets) = (Offsets[start], other.Offsets);
            for (var i = 0; i < order.Length; i++)
            {
                var from = order[i];
                (Addresses[start + i], Starts[start + i]) = (other.Addresses[from], other.Starts[from]);
                var output = other.Outputs.AsSpan(offsets[from]..offsets[from + 1]);
                output.CopyTo(Outputs.AsSpan(offset));
                Offsets[start + i + 1] = offset += output.Length;
            }
        }

        /// <summary>The places of a stretch in the order of addresses; empty when they are in order already. Good until the next call.</summary>
        /// <param name="start">The first place.</param>
        /// <param name="end">The place after the last.</param>
        public ReadOnlySpan<int> ByAddress(int start, int end)
        {
            var inOrder = true;
            for (var i = start + 1; i < end && inOrder; i++)
                inOrder = PayeeStart.Compare(Starts[i - 1], Addresses[i - 1], Starts[i], Addresses[i]) < 0;
            if (inOrder) return [];

            var count = end - start;
            if (_order.Length < count) (_sorted, _order) = (new ulong[count + count / 4], new int[count + count / 4]);
            var sorted = _sorted.AsSpan(0, count);
            var order = _order.AsSpan(0, count);
            Starts.AsSpan(start, count).CopyTo(sorted);
            for (var i = 0; i < count; i++) order[i] = start + i;
            KeyedSort.Sort(sorted, order, _byName);
            return order;
        }

        /// <summary>The first index whose (weight, address) is above this one.</summary>
        public int PlaceAbove(UInt256 weight, Payee payee)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                var order = Weights[middle].CompareTo(weight);
                if (order == 0) order = PayeeStart.Compare(Starts[middle], Addresses[middle], payee.Start, payee.Address);
                if (order > 0) high = middle;
                else low = middle + 1;
            }
            return low;
        }
    }
}
