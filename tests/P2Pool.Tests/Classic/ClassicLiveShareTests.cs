using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Every share of two networks of running nodes with real proof of work; one of them passes from version 16 to 17.</summary>
public class ClassicLiveShareTests
{
    [Theory]
    [InlineData("shares")]
    [InlineData("short_shares")]
    public void LiveShares_TakenInAgain_AgreeWithTheNodesInEverything(string file)
    {
        var live = ClassicLiveChain.Of(file);
        Assert.All(live.Records, live.Check);
    }

    [Theory]
    [InlineData("orphans", 1)]
    [InlineData("short_orphans", 0)]
    public void OrphanedShares_AtTheirPlace_AreGoodToo(string file, int count)
    {
        var json = Vectors.Json($"live-1800/{file}.json").RootElement;
        var live = ClassicLiveChain.Of(file.Replace("orphans", "shares", StringComparison.Ordinal));
        Assert.Equal(count, json.GetProperty("shares").GetArrayLength());
        Assert.All(json.GetProperty("shares").EnumerateArray(), live.CheckOrphan);
    }

    [Theory]
    [InlineData("shares", 347, 30)]
    [InlineData("short_shares", 307, null)]
    public void LiveShares_AddedToAChain_AreVerifiedAndTheNewestIsBest(string file, int count, int? blocks)
    {
        var json = Vectors.Json($"live-1800/{file}.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var shares = json.GetProperty("shares").EnumerateArray().Select(record => ClassicShares.Checked(network, record.Hex("wire_hex"), record.Number("pow_hash"))).ToList();
        var chain = new ShareChain(network, FixedHeights.AllAt(0));
        var solved = 0;
        // In pieces, so that shares of both versions are judged at the head of a growing chain.
        foreach (var piece in shares.Chunk(20)) solved += chain.Add(ChainSteps.Time(1_800_000_000), piece.Select(share => share.SeenAt(0))).SolvedBlocks.Length;
        Assert.Equal((count, count), (chain.Height, chain.VerifiedCount));
        Assert.Equal(shares[^1].Hash, chain.BestHash());
        if (blocks is not null) Assert.Equal(blocks, solved);
    }

    [Fact]
    public void ShortChain_WhenItIsLongEnough_PassesToTheNextVersion()
    {
        var json = Vectors.Json("live-1800/short_shares.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var (chain, verification) = (new SlowChain(network), new ShareVerification(network));
        foreach (var record in json.GetProperty("shares").EnumerateArray())
        {
            var wire = record.Hex("wire_hex");
            var share = ClassicShares.Checked(network, wire, record.Number("pow_hash"));
            var parent = chain.ContextOf(share).Parent;
            Assert.Equal(share.Share.Version, VersionSuccession.Next(network, parent));

            // The same share under the other type has the same hash. Too early a 17 is refused, and any 16 after a 17 once there is history.
            wire[0] ^= 0x10 ^ 0x11;
            var other = ClassicShares.Checked(network, wire, record.Number("pow_hash"));
            Assert.Equal(share.Hash, other.Hash);
            var height = parent?.Height ?? 0;
            // On top of a chain of 16 that votes for 17 both may stand; that is how the change comes about.
            var allowed = height == 0 || height == network.ChainLength;
            Assert.Equal(allowed ? null : ShareRefusal.Version, verification.Verify(other, chain.ContextOf(other), 0));
            chain.Add(share);
        }
    }
}
