using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;

namespace Grainpool.Devnet.Chain;

/// <summary>All outputs that can be spent after the tip; blocks are put on and taken off.</summary>
internal sealed class CoinSet(ImmutableDictionary<OutPoint, Coin> coins)
{
    private readonly Dictionary<OutPoint, Coin> _coins = new(coins);

    public IReadOnlyDictionary<OutPoint, Coin> Coins => _coins;

    /// <summary>Judges a block's money. With <paramref name="spent"/> given and no rule broken the block is put on, and its coins listed there.</summary>
    public BlockRefusal? Connect(Block block, int height, CoinRules rules, List<KeyValuePair<OutPoint, Coin>>? spent)
    {
        var ids = block.Transactions.Select(transaction => transaction.Id()).ToList();
        for (var i = 0; i < ids.Count; i++)
            for (uint j = 0; j < block.Transactions[i].Outputs.Length; j++)
                if (_coins.ContainsKey(new OutPoint(ids[i], j))) return new("bad-txns-BIP30");

        // What this block changes, kept apart until it is judged: null is a coin spent.
        var changes = new Dictionary<OutPoint, Coin?>();
        var taken = new List<KeyValuePair<OutPoint, Coin>>();
        long fees = 0, sigOps = 0;
        for (var i = 0; i < ids.Count; i++)
        {
            var transaction = block.Transactions[i];
            sigOps += transaction.LegacySigOpCost();
            if (i > 0)
            {
                if (Spend(transaction, height, point => changes.TryGetValue(point, out var changed) ? changed : _coins.GetValueOrDefault(point), out var fee, out var witnessSigOps) is { } fault)
                    return new(fault);
                fees += fee;
                sigOps += witnessSigOps;
                if (fees > CoinRules.MaxMoney) return new("bad-txns-accumulated-fee-outofrange");
                foreach (var input in transaction.Inputs)
                {
                    if (_coins.TryGetValue(input.Previous, out var coin)) taken.Add(new(input.Previous, coin));
                    changes[input.Previous] = null;
                }
            }
            if (sigOps > CoinRules.MaxSigOpCost) return new("bad-blk-sigops");
            for (var j = 0; j < transaction.Outputs.Length; j++)
            {
                var output = transaction.Outputs[j];
                if (IsSpendable(output)) changes[new OutPoint(ids[i], (uint)j)] = new Coin((long)output.Value, output.Script, height, i == 0);
            }
        }
        if (block.Transactions[0].Outputs.Sum(output => (long)output.Value) > fees + rules.Subsidy(height)) return new("bad-cb-amount");
        if (spent is null) return null;

        spent.Clear();
        spent.AddRange(taken);
        foreach (var (point, coin) in changes)
        {
            if (coin is null) _coins.Remove(point);
            else _coins[point] = coin;
        }
        return null;
    }

    /// <summary>Takes the block off again that was put on last.</summary>
    public void Disconnect(Block block, List<KeyValuePair<OutPoint, Coin>> spent)
    {
        foreach (var transaction in block.Transactions)
        {
            var id = transaction.Id();
            for (uint i = 0; i < transaction.Outputs.Length; i++) _coins.Remove(new OutPoint(id, i));
        }
        foreach (var (point, coin) in spent) _coins[point] = coin;
    }

    /// <summary>The rule a transaction breaks when it spends these coins at this height; null for none.</summary>
    public static string? Spend(Transaction transaction, int height, Func<OutPoint, Coin?> find, out long fee, out int witnessSigOps)
    {
        (fee, witnessSigOps) = (0, 0);
        var coins = new Coin[transaction.Inputs.Length];
        for (var i = 0; i < coins.Length; i++)
        {
            if (find(transaction.Inputs[i].Previous) is not { } coin) return "bad-txns-inputs-missingorspent";
            coins[i] = coin;
        }
        long total = 0;
        foreach (var coin in coins)
        {
            if (coin.IsCoinbase && height - coin.Height < CoinRules.CoinbaseMaturity) return "bad-txns-premature-spend-of-coinbase";
            total += coin.Value;
            if (total > CoinRules.MaxMoney) return "bad-txns-inputvalues-outofrange";
            if (coin.IsWitnessKeyHash()) witnessSigOps++;
        }
        fee = total - transaction.Outputs.Sum(output => (long)output.Value);
        return fee < 0 ? "bad-txns-in-belowout" : null;
    }

    // OP_RETURN, or longer than any script may be.
    private static bool IsSpendable(TransactionOutput output) => output.Script.Length <= 10_000 && (output.Script.IsEmpty || output.Script[0] != 0x6a);
}
