using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>Blocks that the running networks found and the coin daemon took: their coinbases are the ones their shares commit to.</summary>
public class LiveBlockVectorTests
{
    [Fact]
    public void FoundBlocks_Parsed_AreTheirSharesBlocks()
    {
        var check = new Checker();
        var records = Vectors.Json("live-3501/blocks.json").RootElement.EnumerateArray().ToList();
        var matched = records.Count(check.Check);
        Assert.Equal((143, 64), (records.Count, matched));
    }

    /// <summary>Checks records of blocks against the shares that solved them, where these are recorded.</summary>
    internal sealed class Checker
    {
        /// <summary>Everything a record says; whether its share is known too.</summary>
        public bool Check(JsonElement record)
        {
            var hash = record.Hash("hash");
            var live = record.Text("share_file") switch
            {
                "shares-mini.json.gz" => LiveShares.Mini,
                "shares-mini120.json.gz" => LiveShares.Mini120,
                "shares-full.json.gz" => null,
                var other => throw new FormatException(other),
            };
            if (live is not null) Assert.Equal(record.GetProperty("share_on_main_chain").GetBoolean(), live.MainChain.Contains(hash));
            if (!record.TryGetProperty("raw", out var raw))
            {
                // A share that claimed an easier block target than there was.
                Assert.True(live![hash].SolvesBlock);
                return false;
            }
            var block = Block.Parse(Convert.FromHexString(raw.GetString()!));
            var coinbase = block.Transactions[0];
            raw.IsHexOf(block.ToBytes());
            Assert.Equal(hash, block.Header.Hash());
            record.GetProperty("coinbase").IsHexOf(coinbase.ToBytes());
            Assert.Equal(record.Hash("coinbase_txid"), coinbase.Id());
            Assert.Equal(record.GetProperty("ntx").GetInt32(), block.Transactions.Length);
            Assert.Equal(record.GetProperty("height").GetUInt32(), CoinbaseScript.HeightOf(coinbase.Inputs[0].Script.AsSpan()));
            Assert.Equal(block.Header.MerkleRoot, Merkle.Root([.. block.Transactions.Select(transaction => transaction.Id())]));
            Assert.Equal(coinbase.ToBytes(), GenerationTransaction.WithWitness(coinbase).ToBytes());
            Hash256[] witnessIds = [Hash256.Zero, .. block.Transactions.Skip(1).Select(transaction => transaction.WitnessId())];
            Assert.Equal(GenerationTransaction.WitnessCommitment(Merkle.Root(witnessIds)), coinbase.Outputs[0].Script);
            Assert.Equal(record.GetProperty("outputs").GetArrayLength(), coinbase.Outputs.Length);
            foreach (var (output, recorded) in coinbase.Outputs.Zip(record.GetProperty("outputs").EnumerateArray())) CheckOutput(output, recorded);
            return live is not null && IsBlockOf(live[hash], block, record);
        }

        private static void CheckOutput(TransactionOutput output, JsonElement recorded)
        {
            recorded.GetProperty("script").IsHexOf(output.Script.AsSpan());
            Assert.Equal(recorded.GetProperty("value").GetUInt64(), output.Value);
            // The daemon names the kinds of scripts, and addresses of those that have one.
            var kind = ScriptKind.Of(output.Script);
            Assert.Equal(kind, recorded.Text("type"));
            var address = ScriptAddress.Of(output.Script.AsSpan(), LiveShares.Mini.Network);
            if (kind is "pubkeyhash" or "scripthash" or "witness_v0_keyhash") Assert.Equal(address, recorded.Text("address"));
            else if (kind.StartsWith("witness", StringComparison.Ordinal)) Assert.Equal(Convert.ToHexStringLower(output.Script.AsSpan()), Script(recorded.Text("address")));
            else Assert.Equal(JsonValueKind.Null, recorded.GetProperty("address").ValueKind);
        }

        private static string? Script(string address) => OutputScript.Of(address, TestNetworks.Regtest) is { } script ? Convert.ToHexStringLower(script.AsSpan()) : null;

        private static bool IsBlockOf(CheckedShare share, Block block, JsonElement record)
        {
            Assert.True(share.SolvesBlock);
            Assert.Equal(share.FullHeader, block.Header);
            Assert.Equal(record.GetProperty("coinbase_matches_share").GetBoolean(), share.CoinbaseId == block.Transactions[0].Id());
            Hash256[] witnessIds = [Hash256.Zero, .. block.Transactions.Skip(1).Select(transaction => transaction.WitnessId())];
            Assert.Equal(share.Share.Info.WitnessRoot, Merkle.Root(witnessIds));
            Assert.Equal(share.Share.FullHashBranch, Merkle.BranchOfFirst(witnessIds));
            return true;
        }
    }
}
