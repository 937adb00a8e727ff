using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Shares;

/// <summary>Blocks that the running networks found and the coin daemon took: their coinbases are the ones their shares commit to.</summary>
public class LiveBlockVectorTests
{
    [Fact]
    public void FoundBlocks_Parsed_AreTheirSharesBlocks()
    {
        var shares = Shares("live-3501/shares-mini.json").Concat(Shares("live-3501/shares-mini120.json")).ToDictionary(share => share.Hash);
        using var json = Vectors.Json("live-3501/blocks.json");
        var (blocks, matched) = (0, 0);
        foreach (var record in json.RootElement.EnumerateArray().Where(record => record.TryGetProperty("raw", out _)))
        {
            var raw = record.Hex("raw");
            var block = Block.Parse(raw);
            Assert.Equal(raw, block.ToBytes());
            Assert.Equal(record.Hash("hash"), block.Header.Hash());
            Assert.Equal(record.Hex("coinbase"), block.Transactions[0].ToBytes());
            Assert.Equal(record.Hash("coinbase_txid"), block.Transactions[0].Id());
            Assert.Equal(block.Header.MerkleRoot, Merkle.Root([.. block.Transactions.Select(transaction => transaction.Id())]));
            Assert.Equal(block.Transactions[0].ToBytes(), GenerationTransaction.WithWitness(block.Transactions[0]).ToBytes());
            blocks++;

            if (!shares.TryGetValue(record.Hash("hash"), out var share)) continue;
            Assert.True(share.SolvesBlock);
            Assert.Equal(share.FullHeader, block.Header);
            Assert.Equal(share.CoinbaseId, block.Transactions[0].Id());
            Hash256[] witnessIds = [Hash256.Zero, .. block.Transactions.Skip(1).Select(transaction => transaction.WitnessId())];
            Assert.Equal(share.Share.Info.WitnessRoot, Merkle.Root(witnessIds));
            Assert.Equal(share.Share.FullHashBranch, Merkle.BranchOfFirst(witnessIds));
            matched++;
        }
        Assert.True(blocks > 100, $"{blocks} blocks");
        Assert.True(matched > 50, $"{matched} of them with a share");
    }

    private static IEnumerable<CheckedShare> Shares(string file)
    {
        using var json = Vectors.Json(file);
        var check = new ShareCheck(TestNetworks.Recorded(json.RootElement.GetProperty("net")));
        foreach (var record in json.RootElement.GetProperty("shares").EnumerateArray())
            yield return check.Check(WrappedShare.Parse(record.Hex("packed")), record.Number("pow_hash")).Share!;
    }
}
