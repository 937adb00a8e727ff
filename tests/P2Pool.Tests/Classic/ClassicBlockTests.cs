using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Blocks that the running nodes found and the coin daemon took: their coinbases are the ones their shares commit to.</summary>
public class ClassicBlockTests
{
    [Fact]
    public void FoundBlocks_Parsed_AreTheirSharesBlocks()
    {
        var check = new Checker();
        var blocks = ClassicLiveChain.Json("blocks").GetProperty("blocks").EnumerateArray().ToList();
        Assert.Equal((39, 34), (blocks.Count, blocks.Count(check.Check)));
    }

    /// <summary>Checks records of blocks against the shares that solved them, where these are recorded.</summary>
    internal sealed class Checker
    {
        private static readonly NetworkParameters Regtest = ClassicShares.Recorded(ClassicLiveChain.Json("shares").GetProperty("net"));

        private readonly Dictionary<Hash256, CheckedShare> _shares =
            ClassicLiveChain.Of("shares").Shares.Concat(ClassicLiveChain.Of("short_shares").Shares).ToDictionary(share => share.Hash);

        /// <summary>Everything a record says; whether its share is known too.</summary>
        public bool Check(JsonElement record)
        {
            var raw = record.Hex("block_hex");
            var block = Block.Parse(raw);
            var coinbase = block.Transactions[0];
            Assert.Equal(raw, block.ToBytes());
            Assert.Equal(record.Hash("hash"), block.Header.Hash());
            Assert.Equal(record.Hex("header_hex"), block.Header.ToBytes());
            Assert.Equal(record.Bits("bits"), block.Header.Bits);
            Assert.Equal(record.GetProperty("n_tx").GetInt32(), block.Transactions.Length);
            Assert.Equal(record.Hex("coinbase_hex"), coinbase.ToBytes());
            Assert.Equal(record.Hash("coinbase_txid"), coinbase.Id());
            Assert.Equal(record.GetProperty("height").GetUInt32(), CoinbaseScript.HeightOf(coinbase.Inputs[0].Script.AsSpan()));
            Assert.Equal(coinbase.ToBytes(), GenerationTransaction.WithWitness(coinbase).ToBytes());
            Assert.Equal(block.Header.MerkleRoot, Merkle.Root([.. block.Transactions.Select(transaction => transaction.Id())]));
            Assert.Equal(record.GetProperty("outputs").GetArrayLength(), coinbase.Outputs.Length);
            foreach (var (output, recorded) in coinbase.Outputs.Zip(record.GetProperty("outputs").EnumerateArray())) CheckOutput(output, recorded);
            return _shares.TryGetValue(record.Hash("hash"), out var share) && IsBlockOf(share, block);
        }

        private static void CheckOutput(TransactionOutput output, JsonElement recorded)
        {
            Assert.Equal(recorded.Hex("script"), output.Script);
            Assert.Equal(recorded.GetProperty("value").GetDecimal() * 100_000_000, output.Value);
            // The daemon names the kinds of scripts; where it knows an address of one, so do we.
            var kind = ScriptKind.Of(output.Script);
            Assert.Equal(kind, recorded.Text("type"));
            var address = kind is "pubkeyhash" or "scripthash" or "witness_v0_keyhash" ? ScriptAddress.Of(output.Script.AsSpan(), Regtest) : null;
            Assert.Equal(address, recorded.GetProperty("address").GetString());
        }

        private static bool IsBlockOf(CheckedShare share, Block block)
        {
            Assert.True(share.SolvesBlock);
            Assert.Equal(share.FullHeader, block.Header);
            Assert.Equal(share.CoinbaseId, block.Transactions[0].Id());
            Hash256[] witnessIds = [Hash256.Zero, .. block.Transactions.Skip(1).Select(transaction => transaction.WitnessId())];
            Assert.Equal(share.Share.Info.WitnessRoot, witnessIds.Length == 1 ? Hash256.Zero : Merkle.Root(witnessIds));
            Assert.Equal(share.Share.FullHashBranch, Merkle.BranchOfFirst(witnessIds));
            Assert.Equal(share.Share.Info.TransactionIdBranch, Merkle.BranchOfFirst([.. block.Transactions.Select(transaction => transaction.Id())]));
            return true;
        }
    }
}
