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
        var shares = Shares("shares").Concat(Shares("short_shares")).ToDictionary(share => share.Hash);
        var (blocks, matched) = (0, 0);
        foreach (var record in Vectors.Json("live-1800/blocks.json").RootElement.GetProperty("blocks").EnumerateArray())
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
            foreach (var (output, recorded) in coinbase.Outputs.Zip(record.GetProperty("outputs").EnumerateArray()))
            {
                Assert.Equal(recorded.Hex("script"), output.Script);
                Assert.Equal((ulong)Math.Round(recorded.GetProperty("value").GetDecimal() * 100_000_000), output.Value);
                if (recorded.Text("type") is "pubkeyhash" or "scripthash" or "witness_v0_keyhash")
                    Assert.Equal(recorded.Text("address"), ScriptAddress.Of(output.Script.AsSpan(), Regtest));
            }
            blocks++;

            if (!shares.TryGetValue(record.Hash("hash"), out var share)) continue;
            Assert.True(share.SolvesBlock);
            Assert.Equal(share.FullHeader, block.Header);
            Assert.Equal(share.CoinbaseId, coinbase.Id());
            Hash256[] witnessIds = [Hash256.Zero, .. block.Transactions.Skip(1).Select(transaction => transaction.WitnessId())];
            Assert.Equal(share.Share.Info.WitnessRoot, witnessIds.Length == 1 ? Hash256.Zero : Merkle.Root(witnessIds));
            Assert.Equal(share.Share.FullHashBranch, Merkle.BranchOfFirst(witnessIds));
            Assert.Equal(share.Share.Info.TransactionIdBranch, Merkle.BranchOfFirst([.. block.Transactions.Select(transaction => transaction.Id())]));
            matched++;
        }
        Assert.Equal((39, 34), (blocks, matched));
    }

    private static NetworkParameters Regtest =>
        ClassicShares.Recorded(Vectors.Json("live-1800/shares.json").RootElement.GetProperty("net"));

    private static IEnumerable<CheckedShare> Shares(string file)
    {
        var json = Vectors.Json($"live-1800/{file}.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        return json.GetProperty("shares").EnumerateArray().Select(record => ClassicShares.Checked(network, record.Hex("wire_hex"), record.Number("pow_hash")));
    }
}
