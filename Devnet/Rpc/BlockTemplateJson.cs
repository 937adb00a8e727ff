using System.Text.Json.Nodes;
using Grainpool.Devnet.Chain;
using Grainpool.Devnet.Mempool;

namespace Grainpool.Devnet.Rpc;

/// <summary>Writes templates as <c>getblocktemplate</c> answers them.</summary>
internal static class BlockTemplateJson
{
    private const int Version = 0x20000000;

    public static JsonObject Write(CoinChain chain, IReadOnlyList<WaitingTransaction> transactions, long mempoolUpdates, DateTimeOffset now)
    {
        var tip = chain.Tip;
        var bits = chain.Rules.Difficulty.After(tip);
        var places = new Dictionary<P2Pool.Primitives.Hash256, int>();
        var list = new JsonArray();
        foreach (var waiting in transactions)
        {
            var depends = waiting.Transaction.Inputs.Select(input => input.Previous.Transaction).Distinct()
                .Where(places.ContainsKey).Select(id => (JsonNode)places[id]).ToArray();
            list.Add(new JsonObject
            {
                ["data"] = Convert.ToHexStringLower(waiting.Transaction.ToBytes()),
                ["txid"] = waiting.Id.ToString(),
                ["hash"] = waiting.Transaction.WitnessId().ToString(),
                ["depends"] = new JsonArray(depends),
                ["fee"] = waiting.Fee,
                ["sigops"] = waiting.SigOpCost,
                ["weight"] = waiting.Weight,
            });
            // The places count from 1, the coinbase being 0.
            places.Add(waiting.Id, list.Count);
        }
        return new JsonObject
        {
            ["capabilities"] = new JsonArray("proposal"),
            ["version"] = Version,
            ["rules"] = new JsonArray("csv", "!segwit", "taproot"),
            ["vbavailable"] = new JsonObject(),
            ["vbrequired"] = 0,
            ["previousblockhash"] = tip.Hash.ToString(),
            ["transactions"] = list,
            ["coinbaseaux"] = new JsonObject(),
            ["coinbasevalue"] = chain.Rules.Subsidy(tip.Height + 1) + transactions.Sum(waiting => waiting.Fee),
            ["longpollid"] = $"{tip.Hash}{mempoolUpdates}",
            ["target"] = bits.ToTarget().ToString(),
            ["mintime"] = tip.MedianTime + 1,
            ["mutable"] = new JsonArray("time", "transactions", "prevblock"),
            ["noncerange"] = "00000000ffffffff",
            ["sigoplimit"] = CoinRules.MaxSigOpCost,
            ["sizelimit"] = CoinRules.MaxWeight,
            ["weightlimit"] = CoinRules.MaxWeight,
            ["curtime"] = Math.Max(tip.MedianTime + 1, now.ToUnixTimeSeconds()),
            ["bits"] = bits.ToString(),
            ["height"] = tip.Height + 1,
            ["default_witness_commitment"] =
                Convert.ToHexStringLower(WitnessCommitment.Script(transactions.Select(waiting => waiting.Transaction)).AsSpan()),
        };
    }
}
