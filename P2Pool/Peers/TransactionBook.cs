using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Peers;

/// <summary>The transactions one node told us of: kept as strictly as the network demands, and only counted, since no share names any.</summary>
/// <remarks>Spec: transactions and version 35. Fresh nodes send them; bounded in count and in the bytes they stand for.</remarks>
public sealed class TransactionBook(NetworkParameters network)
{
    /// <summary>What each remembered transaction counts besides its bytes.</summary>
    public const int Overhead = 100;

    /// <summary>Transactions remembered at most: a node remembers the transactions of one block, and no block has room for as many, however small they are.</summary>
    public const int MostCount = 20_000;

    private readonly Dictionary<Hash256, int> _remembered = [];

    /// <summary>Bytes the remembered ones stand for.</summary>
    public long Bytes { get; private set; }

    /// <summary>Transactions remembered.</summary>
    public int Count => _remembered.Count;

    /// <summary>Remembers.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public PeerFault? Remember(RememberTxMessage message)
    {
        // We told of no transactions, so a hash alone can only name one that is remembered already, and that is as wrong.
        if (!message.Known.IsEmpty) return PeerFault.TransactionBook;
        foreach (var transaction in message.Transactions)
        {
            if (_remembered.Count >= MostCount) return PeerFault.TransactionBook;
            if (!_remembered.TryAdd(Sha256.Double(transaction.Span), transaction.Length + Overhead)) return PeerFault.TransactionBook;
            Bytes += transaction.Length + Overhead;
            if (Bytes >= network.MostRememberedBytes) return PeerFault.TooManyTransactions;
        }
        return null;
    }

    /// <summary>Forgets.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public PeerFault? Forget(ForgetTxMessage message)
    {
        foreach (var hash in message.Transactions)
        {
            if (!_remembered.Remove(hash, out var size)) return PeerFault.TransactionBook;
            Bytes -= size;
        }
        return null;
    }
}
