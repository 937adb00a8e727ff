using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>What one payee has in a payout window.</summary>
internal sealed class PayoutAccount(Payee payee)
{
    /// <summary>By (weight, address), as payouts of a block ascend.</summary>
    public static IComparer<PayoutAccount> Order { get; } = Comparer<PayoutAccount>.Create((left, right) =>
        left.Weight.CompareTo(right.Weight) is var order and not 0
            ? order
            : PayeeStart.Compare(left.Payee.Start, left.Payee.Address, right.Payee.Start, right.Payee.Address));

    public Payee Payee { get; } = payee;

    /// <summary>Work × (65535 − donation), modulo 2^256.</summary>
    public UInt256 Weight { get; set; }

    /// <summary>The weight by which it stands in the <see cref="PaymentOrder"/>; zero for not at all.</summary>
    public UInt256 PlacedBy { get; set; }

    /// <summary>Whether the order has yet to be told of a change.</summary>
    public bool IsChanged { get; set; }
}
