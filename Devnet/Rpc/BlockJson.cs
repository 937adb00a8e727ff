using System.Text.Json.Nodes;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Rpc;

/// <summary>Writes blocks and transactions as <c>getblockheader</c> and <c>getblock</c> answer them.</summary>
internal static class BlockJson
{
    private const double CoinUnit = 100_000_000;

    public static JsonObject Header(CoinChain chain, BlockNode node)
    {
        var header = node.Header;
        var json = new JsonObject
        {
            ["hash"] = node.Hash.ToString(),
            ["confirmations"] = chain.IsActive(node) ? chain.Tip.Height - node.Height + 1 : -1,
            ["height"] = node.Height,
            ["version"] = unchecked((int)header.Version),
            ["versionHex"] = header.Version.ToString("x8"),
            ["merkleroot"] = header.MerkleRoot.ToString(),
            ["time"] = header.Timestamp,
            ["mediantime"] = node.MedianTime,
            ["nonce"] = header.Nonce,
            ["bits"] = header.Bits.ToString(),
            ["difficulty"] = Difficulty(header.Bits),
            ["chainwork"] = node.ChainWork.ToString(),
            ["nTx"] = node.Block?.Transactions.Length ?? 0,
        };
        if (node.Previous is { } previous) json["previousblockhash"] = previous.Hash.ToString();
        if (chain.IsActive(node) && chain.At(node.Height + 1) is { } next) json["nextblockhash"] = next.Hash.ToString();
        return json;
    }

    public static JsonObject Block(CoinChain chain, BlockNode node, bool withTransactions)
    {
        var block = node.Block!;
        var json = Header(chain, node);
        var size = block.ToBytes().Length;
        var stripped = size - block.Transactions.Sum(transaction => transaction.ToBytes().Length - transaction.ToBytes(witness: false).Length);
        json["strippedsize"] = stripped;
        json["size"] = size;
        json["weight"] = 3 * stripped + size;
        json["tx"] = new JsonArray([.. block.Transactions.Select(transaction => withTransactions ? Transaction(transaction) : (JsonNode)transaction.Id().ToString())]);
        return json;
    }

    /// <summary>Difficulty on the scale where 1 is the target 1d00ffff.</summary>
    public static double Difficulty(CompactTarget bits) => 0xffff / (double)(bits.Bits & 0xffffff) * Math.Pow(256, 29 - (int)(bits.Bits >> 24));

    private static JsonObject Transaction(Transaction transaction)
    {
        var bytes = transaction.ToBytes();
        return new JsonObject
        {
            ["txid"] = transaction.Id().ToString(),
            ["hash"] = transaction.WitnessId().ToString(),
            ["version"] = unchecked((int)transaction.Version),
            ["size"] = bytes.Length,
            ["vsize"] = (transaction.Weight() + 3) / 4,
            ["weight"] = transaction.Weight(),
            ["locktime"] = transaction.LockTime,
            ["vin"] = new JsonArray([.. transaction.Inputs.Select(input => (JsonNode)Input(input))]),
            ["vout"] = new JsonArray([.. transaction.Outputs.Select((output, i) => (JsonNode)Output(output, i))]),
            ["hex"] = Convert.ToHexStringLower(bytes),
        };
    }

    private static JsonObject Input(TransactionInput input)
    {
        var script = Convert.ToHexStringLower(input.Script.AsSpan());
        var json = input.Previous == OutPoint.None
            ? new JsonObject { ["coinbase"] = script }
            : new JsonObject
            {
                ["txid"] = input.Previous.Transaction.ToString(),
                ["vout"] = input.Previous.Index,
                ["scriptSig"] = new JsonObject { ["hex"] = script },
            };
        if (!input.Witness.IsEmpty) json["txinwitness"] = new JsonArray([.. input.Witness.Select(item => (JsonNode)Convert.ToHexStringLower(item.AsSpan()))]);
        json["sequence"] = input.Sequence;
        return json;
    }

    private static JsonObject Output(TransactionOutput output, int place) => new()
    {
        ["value"] = output.Value / CoinUnit,
        ["n"] = place,
        ["scriptPubKey"] = new JsonObject { ["hex"] = Convert.ToHexStringLower(output.Script.AsSpan()), ["type"] = Type(output.Script.AsSpan()) },
    };

    private static string Type(ReadOnlySpan<byte> script) => script switch
    {
        [0x76, 0xa9, 20, .., 0x88, 0xac] when script.Length == 25 => "pubkeyhash",
        [0xa9, 20, .., 0x87] when script.Length == 23 => "scripthash",
        [0, 20, ..] when script.Length == 22 => "witness_v0_keyhash",
        [0, 32, ..] when script.Length == 34 => "witness_v0_scripthash",
        [0x51, 32, ..] when script.Length == 34 => "witness_v1_taproot",
        [0x6a, ..] => "nulldata",
        _ => "nonstandard",
    };
}
