using System.Buffers.Binary;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>The payees of a window in the order a block pays them, with their outputs as they stand in a coinbase.</summary>
/// <remarks>
/// Amounts grow with weights, so the order hardly changes from one window to the next, while every amount does. What stays is copied in a few large
/// pieces from one set of columns to the other; then only the amounts are written, in place.
/// </remarks>
internal sealed class PaymentOrder
{
    private readonly List<int> _leaving = [];
    private readonly List<PayoutAccount> _coming = [];
    private readonly List<(int Start, int End)> _byAddress = [];
    private Columns _columns = new();
    private Columns _spare = new();
    private ulong[] _amounts = [];

    /// <summary>Puts these accounts where their weights now belong; each is given once, and those without weight leave.</summary>
    /// <remarks>The donation has no place: what would be paid to it is left over for it anyway, and stands apart.</remarks>
    public void Change(List<PayoutAccount> accounts, string donation)
    {
        SortByWeight();
        foreach (var account in accounts)
        {
            if (account.Weight == account.PlacedBy || account.Payee.Address == donation) continue;
            if (!account.PlacedBy.IsZero) _leaving.Add(_columns.PlaceAbove(account.PlacedBy, account.Payee.Address) - 1);
            if (!account.Weight.IsZero) _coming.Add(account);
            account.PlacedBy = account.Weight;
        }
        if (_leaving.Count == 0 && _coming.Count == 0) return;
        _leaving.Sort();
        _coming.Sort(PayoutAccount.Order);
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
        SortByWeight();
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
        SortByAddress(first);
        return new PayoutPlan(network, subsidy, _columns.Addresses, amounts, outputs, offsets, first, count);
    }

    // Unequal weights may come to the same amount, and then the address decides. What stood there by weight is kept in the spare columns meanwhile.
    private void SortByAddress(int first)
    {
        var (weights, amounts) = (_columns.Weights, _amounts);
        for (int start = first, end; start < _columns.Count; start = end)
        {
            for (end = start + 1; end < _columns.Count && amounts[end] == amounts[start];) end++;
            if (end - start == 1 || weights[start] == weights[end - 1]) continue;
            if (_byAddress.Count == 0) _spare.Reserve(_columns.Count, _columns.Offsets[_columns.Count]);
            if (_columns.SortByAddress(start, end, _spare))
                _byAddress.Add((start, end));
        }
    }

    private void SortByWeight()
    {
        foreach (var (start, end) in _byAddress) _spare.CopyPayments(start, end, _columns);
        _byAddress.Clear();
    }

    private void Merge()
    {
        _spare.Clear();
        _spare.Reserve(
            _columns.Count + _coming.Count, _columns.Offsets[_columns.Count] + _coming.Sum(account => sizeof(ulong) + account.Payee.Output.Length));
        var (read, left) = (0, 0);
        foreach (var account in _coming)
        {
            CopyUpTo(_columns.PlaceAbove(account.Weight, account.Payee.Address));
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
        private readonly Comparison<int> _byAddress;
        private ulong[] _starts = [];
        private int[] _order = [];

        public Columns() => _byAddress = (left, right) => string.CompareOrdinal(Addresses[left], Addresses[right]);

        public UInt256[] Weights { get; private set; } = [];

        public string[] Addresses { get; private set; } = [];

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
                (Weights, Addresses, Offsets) = (new UInt256[room], new string[room], new int[room + 1]);
            }
            if (Outputs.Length < bytes) Outputs = new byte[bytes + bytes / 4];
        }

        public void Append(PayoutAccount account)
        {
            (Weights[Count], Addresses[Count]) = (account.Weight, account.Payee.Address);
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
            var start = other.Offsets[from];
            var moved = Offsets[Count] - start;
            other.Outputs.AsSpan(start..other.Offsets[to]).CopyTo(Outputs.AsSpan(start + moved));
            var offsets = Offsets.AsSpan(Count + 1, count);
            for (var i = 0; i < offsets.Length; i++) offsets[i] = other.Offsets[from + 1 + i] + moved;
            Count += count;
        }

        /// <summary>Sorts a stretch, all but its weights, by address; false when it is in order already.</summary>
        /// <param name="start">Its first index.</param>
        /// <param name="end">The index after its last.</param>
        /// <param name="originals">Columns with room for as much as these, which take what stood there.</param>
        public bool SortByAddress(int start, int end, Columns originals)
        {
            var order = IndexesByAddress(start, end);
            var moved = false;
            for (var i = 0; i < order.Length; i++) moved |= order[i] != start + i;
            if (!moved) return false;

            CopyPayments(start, end, originals);
            var (offset, offsets, outputs) = (Offsets[start], originals.Offsets, originals.Outputs);
            for (var i = 0; i < order.Length; i++)
            {
                var output = outputs.AsSpan(offsets[order[i]]..offsets[order[i] + 1]);
                output.CopyTo(Outputs.AsSpan(offset));
                Addresses[start + i] = originals.Addresses[order[i]];
                Offsets[start + i + 1] = offset += output.Length;
            }
            return true;
        }

        // The first eight characters nearly always decide, and numbers are sorted faster than texts; the rest is for the whole address.
        private Span<int> IndexesByAddress(int start, int end)
        {
            var count = end - start;
            if (_order.Length < count) (_starts, _order) = (new ulong[count + count / 4], new int[count + count / 4]);
            var starts = _starts.AsSpan(0, count);
            var order = _order.AsSpan(0, count);
            for (var i = 0; i < count; i++) (starts[i], order[i]) = (StartOf(Addresses[start + i]), start + i);
            starts.Sort(order);
            for (int from = 0, to; from < count; from = to)
            {
                for (to = from + 1; to < count && starts[to] == starts[from];) to++;
                if (to - from > 1) order[from..to].Sort(_byAddress);
            }
            return order;
        }

        // A byte for each character, the first one in front; all above 254 are alike, so the order of texts is kept.
        private static ulong StartOf(string address)
        {
            ulong start = 0;
            for (var i = 0; i < sizeof(ulong); i++) start = start << 8 | (i < address.Length ? (ulong)Math.Min((ushort)255, (ushort)address[i]) : 0UL);
            return start;
        }

        /// <summary>Copies addresses and outputs of a stretch to the same place of other columns.</summary>
        public void CopyPayments(int start, int end, Columns to)
        {
            Array.Copy(Addresses, start, to.Addresses, start, end - start);
            Array.Copy(Offsets, start, to.Offsets, start, end - start + 1);
            Outputs.AsSpan(Offsets[start]..Offsets[end]).CopyTo(to.Outputs.AsSpan(Offsets[start]));
        }

        /// <summary>The first index whose (weight, address) is above this one.</summary>
        public int PlaceAbove(UInt256 weight, string address)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                var order = Weights[middle].CompareTo(weight);
                if (order == 0) order = string.CompareOrdinal(Addresses[middle], address);
                if (order > 0) high = middle;
                else low = middle + 1;
            }
            return low;
        }
    }
}
