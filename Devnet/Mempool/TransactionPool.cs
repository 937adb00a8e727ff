using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;

namespace Grainpool.Devnet.Mempool;

/// <summary>Transactions that wait for a block, in the order they came, so that parents stand before children.</summary>
public sealed class TransactionPool
{
    // What a template leaves free for header and coinbase, as vertcoind does.
    private const int ReservedWeight = 4000;
    private const int ReservedSigOps = 400;

    private readonly List<WaitingTransaction> _waiting = [];
    private readonly Dictionary<OutPoint, Coin> _made = [];
    private readonly HashSet<OutPoint> _spent = [];

    /// <summary>All that wait.</summary>
    public IReadOnlyList<WaitingTransaction> Waiting => _waiting;

    /// <summary>Counts every coming and going: the second half of a long poll id.</summary>
    public long Updates { get; private set; }

    /// <summary>Outputs made by waiting transactions and not spent by others.</summary>
    public IEnumerable<KeyValuePair<OutPoint, Coin>> Unspent => _made.Where(pair => !_spent.Contains(pair.Key));

    /// <summary>Whether a waiting transaction spends this output.</summary>
    public bool Spends(OutPoint point) => _spent.Contains(point);

    /// <summary>Takes a transaction in, unless it breaks a rule after this chain's tip; then the rule's name comes back.</summary>
    public string? Add(Transaction transaction, CoinChain chain)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(chain);
        if (transaction.Fault() is { } fault) return fault;
        if (transaction.IsCoinbase()) return "coinbase";
        if (transaction.Inputs.Any(input => _spent.Contains(input.Previous))) return "txn-mempool-conflict";
        var height = chain.Tip.Height + 1;
        if (!transaction.IsFinal(height, chain.Tip.MedianTime)) return "non-final";
        if (CoinSet.Spend(transaction, height, point => _made.GetValueOrDefault(point) ?? chain.Coins.GetValueOrDefault(point), out var fee, out var witnessSigOps) is { } broken)
            return broken;

        var id = transaction.Id();
        _waiting.Add(new WaitingTransaction(transaction, id, fee, transaction.Weight(), transaction.LegacySigOpCost() + witnessSigOps));
        foreach (var input in transaction.Inputs) _spent.Add(input.Previous);
        for (var i = 0; i < transaction.Outputs.Length; i++)
        {
            var output = transaction.Outputs[i];
            _made[new OutPoint(id, (uint)i)] = new Coin((long)output.Value, output.Script, height, IsCoinbase: false);
        }
        Updates++;
        return null;
    }

    /// <summary>Begins anew after the tip moved: what was mined or can no longer be spent goes, what left the chain comes back.</summary>
    public void Follow(CoinChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var before = Updates;
        List<Transaction> all = [.. chain.TakeDisconnected().Reverse().SelectMany(block => block.Transactions.Skip(1)), .. _waiting.Select(waiting => waiting.Transaction)];
        _waiting.Clear();
        _made.Clear();
        _spent.Clear();
        foreach (var transaction in all) Add(transaction, chain);
        Updates = before + 1;
    }

    /// <summary>What goes into the next block.</summary>
    public IReadOnlyList<WaitingTransaction> Choose()
    {
        var (weight, sigOps) = (CoinRules.MaxWeight - ReservedWeight, CoinRules.MaxSigOpCost - ReservedSigOps);
        List<WaitingTransaction> chosen = [];
        foreach (var waiting in _waiting)
        {
            // Stopping here keeps every parent before its children.
            if (waiting.Weight > weight || waiting.SigOpCost > sigOps) break;
            weight -= waiting.Weight;
            sigOps -= waiting.SigOpCost;
            chosen.Add(waiting);
        }
        return chosen;
    }
}
