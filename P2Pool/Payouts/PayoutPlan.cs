using System.Runtime.InteropServices;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Payouts;

/// <summary>What one payee gets from a block.</summary>
/// <param name="Address">The name that weights are kept by: an address text as in the shares or, where they name none, a script in hex.</param>
/// <param name="Amount">Satoshi, never 0.</param>
public readonly record struct Payout(string Address, ulong Amount);

/// <summary>The payouts of a block at one place of the chain, for any finder: amounts, order and output bytes made once. Consensus.</summary>
/// <remarks>
/// 199/200 of the subsidy go by weight and 1/200 to the finder, all rounded down; the donation gets the rest. Outputs ascend by (amount,
/// address as bytes); the donation stands apart and last. Spec: amounts. Immutable, so one plan serves every job made on the same work.
/// </remarks>
public sealed class PayoutPlan
{
    /// <summary>Consensus: addresses paid at most, the donation among them; the smallest beyond that are left out and their coins burnt.</summary>
    public const int MostPayees = 4000;

    private readonly string _donation;
    private readonly byte[] _donationScript;
    private readonly ulong _subsidy;
    private readonly ulong _assigned;
    private readonly PayeeForm _form;

    // Parallel, ascending by (amount, address), without donation and zero amounts; what counts begins at the first index and ends before the last.
    // Output i is the bytes from offset i to offset i + 1.
    private readonly int _first;
    private readonly int _end;
    private readonly string[] _addresses;
    private readonly ulong[] _starts; // see PayeeStart
    private readonly ulong[] _amounts;
    private readonly int[] _offsets;
    private readonly byte[] _outputs;

    /// <summary>Plans the payouts.</summary>
    /// <param name="network">Whose donation it is.</param>
    /// <param name="scripts">Scripts by address.</param>
    /// <param name="weights">Who is paid, in what proportion.</param>
    /// <param name="subsidy">What there is to pay, satoshi.</param>
    /// <exception cref="ArgumentException">An address in the weights stands for no script; no checked share names such a one.</exception>
    public PayoutPlan(NetworkParameters network, PayeeScripts scripts, PayoutWeights weights, ulong subsidy)
    {
        (_donation, _form, _subsidy) = (network.DonationPayee, network.NewestShareVersion.Payee, subsidy);
        _donationScript = ImmutableCollectionsMarshal.AsArray(network.DonationScript)!;

        var proportion = new PayoutProportion(subsidy, weights.Total);
        var addresses = new string[weights.Payees.Length];
        var amounts = new ulong[weights.Payees.Length];
        var count = 0;
        foreach (var payee in weights.Payees)
        {
            var amount = payee.Address == _donation ? 0 : proportion.Of(payee.Weight);
            if (amount == 0) continue;
            (addresses[count], amounts[count]) = (payee.Address, amount);
            _assigned += amount;
            count++;
        }
        Array.Resize(ref addresses, count);
        Array.Resize(ref amounts, count);
        Sort(amounts, addresses);

        (_addresses, _amounts, _end) = (addresses, amounts, count);
        (_outputs, _offsets, _starts) = Serialise(scripts, amounts, addresses, _form);
    }

    /// <summary>A plan that stands in arrays of somebody else, as described above, and is good as long as they do not change.</summary>
    internal PayoutPlan(
        NetworkParameters network, ulong subsidy, string[] addresses, ulong[] starts, ulong[] amounts, byte[] outputs, int[] offsets, int first, int end)
    {
        (_donation, _form, _subsidy) = (network.DonationPayee, network.NewestShareVersion.Payee, subsidy);
        _donationScript = ImmutableCollectionsMarshal.AsArray(network.DonationScript)!;
        foreach (var amount in amounts.AsSpan(first..end)) _assigned += amount;
        (_addresses, _starts, _amounts, _outputs, _offsets, _first, _end) = (addresses, starts, amounts, outputs, offsets, first, end);
    }

    /// <summary>Bytes of the outputs without the finder's and the donation's.</summary>
    internal int Size => _offsets[_end] - _offsets[_first];

    /// <summary>Script of the donation's output.</summary>
    public ReadOnlySpan<byte> DonationScript => _donationScript;

    /// <summary>The payouts when this address finds the block.</summary>
    /// <param name="finder">Address text of the finder.</param>
    /// <param name="finderScript">Its script; must live as long as the result is used.</param>
    public FinderPayouts For(string finder, ReadOnlySpan<byte> finderScript)
    {
        var part = _subsidy / NetworkParameters.FinderPart;
        if (finder == _donation) return new FinderPayouts(this, finder, finderScript, -1, _first, 0, _subsidy - _assigned);

        var start = PayeeStart.Of(finder, finderScript, _form);
        var old = Find(start, finder);
        var amount = part + (old < 0 ? 0 : _amounts[old]);
        return new FinderPayouts(this, finder, finderScript, old, PlaceOf(amount, start, finder), amount, _subsidy - _assigned - part);
    }

    // Serialised outputs from one index up to another.
    private ReadOnlySpan<byte> Outputs(int from, int to) => _outputs.AsSpan(_offsets[from].._offsets[to]);

    private int Count => _end - _first;

    // Where an address stands; -1 for nowhere.
    private int Find(ulong start, string address)
    {
        for (var from = _first; ; from++)
        {
            var next = _starts.AsSpan(from.._end).IndexOf(start);
            if (next < 0) return -1;
            from += next;
            if (_addresses[from] == address) return from;
        }
    }

    // The first index whose (amount, address) is above this one.
    private int PlaceOf(ulong amount, ulong start, string address)
    {
        int low = _first, high = _end;
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = _amounts[middle].CompareTo(amount);
            if (order == 0) order = PayeeStart.Compare(_starts[middle], _addresses[middle], start, address);
            if (order > 0) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    // By amount first, which the framework sorts fast; equal amounts, which are few, then by address.
    private static void Sort(ulong[] amounts, string[] addresses)
    {
        Array.Sort(amounts, addresses);
        for (var start = 0; start < amounts.Length;)
        {
            var end = start + 1;
            while (end < amounts.Length && amounts[end] == amounts[start]) end++;
            if (end - start > 1) Array.Sort(addresses, start, end - start, StringComparer.Ordinal);
            start = end;
        }
    }

    private static (byte[] Outputs, int[] Offsets, ulong[] Starts) Serialise(PayeeScripts scripts, ulong[] amounts, string[] addresses, PayeeForm form)
    {
        const int UsualOutput = 34;
        var writer = new ByteWriter(UsualOutput * amounts.Length + UsualOutput);
        var offsets = new int[amounts.Length + 1];
        var starts = new ulong[amounts.Length];
        for (var i = 0; i < amounts.Length; i++)
        {
            var script = scripts.Find(addresses[i]) ?? throw new ArgumentException($"payee '{addresses[i]}' stands for no script");
            writer.UInt64(amounts[i]).VarString(script.AsSpan());
            offsets[i + 1] = writer.Length;
            starts[i] = PayeeStart.Of(addresses[i], script.AsSpan(), form);
        }
        return (writer.ToArray(), offsets, starts);
    }

    /// <summary>The payouts of a block once its finder is known.</summary>
    public readonly ref struct FinderPayouts
    {
        private readonly PayoutPlan _plan;
        private readonly string _finder;
        private readonly ReadOnlySpan<byte> _script;
        private readonly int _old;      // where the finder stood without the finder's part; −1 for nowhere
        private readonly int _place;    // the planned output before which the finder stands now
        private readonly ulong _amount; // what the finder gets; 0 when it has no output of its own
        private readonly int _skipped;  // smallest outputs left out because there are too many

        internal FinderPayouts(PayoutPlan plan, string finder, ReadOnlySpan<byte> script, int old, int place, ulong amount, ulong donation)
        {
            (_plan, _finder, _old, _place, _amount, Donation) = (plan, finder, old, place, amount, donation);
            _script = script;
            var all = plan.Count + (amount > 0 ? 1 : 0) - (old >= 0 ? 1 : 0);
            Count = Math.Min(all, MostPayees - 1);
            _skipped = all - Count;
        }

        /// <summary>Outputs besides the donation's.</summary>
        public int Count { get; }

        /// <summary>What the donation gets, satoshi; its output is there even when this is 0.</summary>
        public ulong Donation { get; }

        /// <summary>Bytes of the outputs, from the first on, that are those of the plan itself and so the same for many finders.</summary>
        internal int PlannedBytes => _skipped > 0 ? 0 : _plan._offsets[_old >= 0 ? _old : _amount > 0 ? _place : _plan._end] - _plan._offsets[_plan._first];

        /// <summary>Writes value and script of every output, the donation's not included.</summary>
        public void Write(ByteWriter writer)
        {
            var skip = _skipped;
            if (_old >= 0)
            {
                Copy(writer, _plan._first, _old, ref skip);
                Copy(writer, _old + 1, _place, ref skip);
            }
            else Copy(writer, _plan._first, _place, ref skip);

            // Fewer than 400 can get as much as the finder's part: the smallest ones, which are left out, all stand before it.
            if (_amount > 0) writer.UInt64(_amount).VarString(_script);
            Copy(writer, _place, _plan._end, ref skip);
        }

        /// <summary>Who gets what, in the order of the outputs, the donation not included.</summary>
        public IReadOnlyList<Payout> ToList()
        {
            var list = new List<Payout>(_plan.Count + 1);
            for (var i = _plan._first; i <= _plan._end; i++)
            {
                if (i == _place && _amount > 0) list.Add(new Payout(_finder, _amount));
                if (i < _plan._end && i != _old) list.Add(new Payout(_plan._addresses[i], _plan._amounts[i]));
            }
            list.RemoveRange(0, _skipped);
            return list;
        }

        private void Copy(ByteWriter writer, int from, int to, ref int skip)
        {
            var skipped = Math.Min(skip, to - from);
            skip -= skipped;
            writer.Bytes(_plan.Outputs(from + skipped, to));
        }
    }
}
