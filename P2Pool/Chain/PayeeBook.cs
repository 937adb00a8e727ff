using System.Runtime.InteropServices;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>The payees of a forest, so that summing up a window compares small numbers instead of texts.</summary>
internal sealed class PayeeBook
{
    private readonly Dictionary<string, Payee> _payees = new(StringComparer.Ordinal);
    private readonly Stack<int> _freeSlots = new();

    /// <summary>Payees there are.</summary>
    public int Count => _payees.Count;

    /// <summary>The payee of a share that comes in.</summary>
    public Payee Enter(CheckedShare share)
    {
        ref var payee = ref CollectionsMarshal.GetValueRefOrAddDefault(_payees, share.PayeeName, out _);
        payee ??= new Payee(share, _freeSlots.TryPop(out var slot) ? slot : _payees.Count - 1);
        payee.Shares++;
        return payee;
    }

    /// <summary>A share of this payee goes.</summary>
    public void Leave(Payee payee)
    {
        if (--payee.Shares > 0) return;
        _payees.Remove(payee.Address);
        _freeSlots.Push(payee.Slot);
    }
}
