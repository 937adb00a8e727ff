using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Mempool;

/// <summary>Makes payments to and fro between a few wallets, so that blocks carry legacy and segwit transactions with honest fees.</summary>
/// <remarks>
/// The wallets begin with coins that stand in no block (<see cref="FirstCoins"/>). Signatures have the right form but sign nothing:
/// the chain judges amounts, not scripts.
/// </remarks>
public sealed class TransactionMaker
{
    private const int Wallets = 12;
    private const int FirstCoinCount = 96;
    private const long FirstCoinValue = 250_0000_0000;
    private const long LeastOutput = 10_000;
    private const int LongestUnconfirmedChain = 20;
    private const uint Replaceable = 0xfffffffd;

    private readonly Random _random;
    private readonly Dictionary<string, byte[]> _keys = [];
    private readonly ImmutableArray<byte>[] _scripts = new ImmutableArray<byte>[2 * Wallets];

    /// <summary>A maker whose choices follow this source of chance.</summary>
    public TransactionMaker(Random random)
    {
        _random = random;
        for (var i = 0; i < Wallets; i++)
        {
            byte[] key = [2, .. SHA256.HashData(Encoding.ASCII.GetBytes($"devnet wallet {i}"))];
            var hash = SHA256.HashData(key)[..20];
            _scripts[2 * i] = [0x76, 0xa9, 20, .. hash, 0x88, 0xac];
            _scripts[2 * i + 1] = [0, 20, .. hash];
            foreach (var script in _scripts.AsSpan(2 * i, 2)) _keys.Add(Convert.ToHexString(script.AsSpan()), key);
        }
    }

    /// <summary>The coins all wallets begin with, the same in every chain.</summary>
    public ImmutableDictionary<OutPoint, Coin> FirstCoins =>
        Enumerable.Range(0, FirstCoinCount).ToImmutableDictionary(
            i => new OutPoint(Sha256.Double(Encoding.ASCII.GetBytes($"devnet coin {i}")), 0),
            i => new Coin(FirstCoinValue, _scripts[i % _scripts.Length], 0, IsCoinbase: false));

    /// <summary>A new payment that may go into the pool; null when all coins are on their way.</summary>
    public Transaction? Make(CoinChain chain, TransactionPool pool)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(pool);
        var coins = chain.Coins.Concat(pool.Waiting.Count < LongestUnconfirmedChain ? pool.Unspent : [])
            .Where(pair => !pool.Spends(pair.Key) && pair.Value.Value > 4 * LeastOutput && _keys.ContainsKey(Convert.ToHexString(pair.Value.Script.AsSpan())))
            .Where(pair => !pair.Value.IsCoinbase)
            .OrderBy(pair => pair.Key.Transaction).ThenBy(pair => pair.Key.Index)
            .ToList();
        if (coins.Count == 0) return null;

        // Few coins are split, many are joined: their number stays between the two.
        var inputs = coins.Count > FirstCoinCount * 2 ? 3 : coins.Count > FirstCoinCount ? 2 : 1;
        var chosen = Enumerable.Range(0, Math.Min(inputs, coins.Count)).Select(_ => Take()).ToList();
        var total = chosen.Sum(pair => pair.Value.Value);

        var payment = LeastOutput + _random.NextInt64(total / 2);
        TransactionOutput[] outputs = [Output(payment), Output(total - payment)];
        var unpaid = new Transaction(2, [.. chosen.Select(Input)], [.. outputs], 0);
        var fee = _random.Next(20, 120) * (long)((unpaid.Weight() + 3) / 4);
        return unpaid with { Outputs = [outputs[0], outputs[1] with { Value = outputs[1].Value - (ulong)Math.Min(fee, total / 4) }] };

        KeyValuePair<OutPoint, Coin> Take()
        {
            var place = _random.Next(coins.Count);
            var coin = coins[place];
            coins.RemoveAt(place);
            return coin;
        }
    }

    private TransactionOutput Output(long value) => new((ulong)value, _scripts[_random.Next(_scripts.Length)]);

    private TransactionInput Input(KeyValuePair<OutPoint, Coin> pair)
    {
        var signature = new byte[71];
        _random.NextBytes(signature);
        // The frame of a DER signature: sequence, two integers of 32 bytes and one more, all inputs and outputs signed.
        (signature[0], signature[1], signature[2], signature[3]) = (0x30, 68, 2, 32);
        (signature[36], signature[37], signature[70]) = (2, 32, 1);
        var key = _keys[Convert.ToHexString(pair.Value.Script.AsSpan())];
        return pair.Value.IsWitnessKeyHash()
            ? new TransactionInput(pair.Key, [], Replaceable, [[.. signature], [.. key]])
            : new TransactionInput(pair.Key, [71, .. signature, 33, .. key], Replaceable, []);
    }
}
