using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Work;

/// <summary>A transaction that a block template offers.</summary>
/// <param name="FullHash">Double SHA-256 of all its bytes.</param>
/// <param name="Size">Those bytes.</param>
/// <param name="Fee">What it pays to the block, satoshi.</param>
public readonly record struct OfferedTransaction(Hash256 FullHash, int Size, ulong Fee);

/// <summary>The transactions a share of ours names, of those a template offers. Local policy, the legacy nodes' (spec: local production).</summary>
/// <param name="Taken">How many, from the first on.</param>
/// <param name="Named">How the share lists them.</param>
/// <param name="Value">What the block then pays, satoshi.</param>
public sealed record TransactionPick(int Taken, NamedTransactions Named, ulong Value)
{
    /// <summary>Takes transactions in the order of the block until those new to the chain exceed what a share of this version may bring.</summary>
    /// <param name="version">Version of the share.</param>
    /// <param name="known">Transactions known at its place.</param>
    /// <param name="offered">What the template offers, in its order; later ones may spend earlier ones, so none is left out in between.</param>
    /// <param name="templateValue">What the block pays with all of them, satoshi.</param>
    public static TransactionPick Of(
        ShareVersionRules version, KnownTransactions known, IReadOnlyList<OfferedTransaction> offered, ulong templateValue)
    {
        var taken = 0;
        for (long fresh = 0; taken < offered.Count; taken++)
        {
            if (known.Find(offered[taken].FullHash) is null) fresh += offered[taken].Size;
            if (fresh > version.NewTransactionBytes) break;
        }
        var lost = offered.Skip(taken).Aggregate(0UL, (sum, transaction) => sum + transaction.Fee);
        return new TransactionPick(taken, known.Name(offered.Take(taken).Select(transaction => transaction.FullHash)), templateValue - lost);
    }
}
