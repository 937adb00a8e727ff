using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Payouts;

/// <summary>One payee's part of a payout window.</summary>
/// <param name="Address">Address text exactly as in the shares (two spellings are two payees) or, where they name none, the script in hex.</param>
/// <param name="Weight">Work × (65535 − donation), summed over the payee's shares. Never 0.</param>
public readonly record struct PayeeWeight(string Address, UInt256 Weight);

/// <summary>Who is paid by a block on top of a given share, and in what proportion.</summary>
/// <param name="Payees">Ascending by address as bytes; no address twice.</param>
/// <param name="Total">65535 × work in the window: the payees' weights and the donated part together; 0 for an empty window.</param>
public sealed record PayoutWeights(ImmutableArray<PayeeWeight> Payees, UInt256 Total)
{
    /// <summary>An empty window: all but the finder's part goes to the donation.</summary>
    public static PayoutWeights Empty { get; } = new([], UInt256.Zero);
}
