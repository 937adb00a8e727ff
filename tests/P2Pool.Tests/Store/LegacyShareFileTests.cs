using System.Text;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Store;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Classic;

namespace Grainpool.P2Pool.Tests.Store;

public class LegacyShareFileTests
{
    /// <summary>The share files of two running nodes of network 3501.</summary>
    [Theory]
    [InlineData("m1", "mini")]
    [InlineData("n1", "mini120")]
    public void FileOfARunningNode_Imported_IsTheChainItHad(string node, string network)
    {
        var file = LegacyShareFile.Read(Vectors.Bytes($"live-3501/datadir/{node}-shares.0"));
        Assert.Empty(file.BadLines);
        Assert.Equal(file.Shares.Length, file.Verified.Count);

        var live = LiveShares.Named(network);
        var proofs = live.All.ToDictionary(record => Convert.ToHexString(record.Share.FullHeader.ToBytes()), record => record.Share.ProofOfWork);
        var (shares, faults) = file.Restore(new ShareCheck(live.Network), (header, hash) => proofs[Convert.ToHexString(header)].WriteLittleEndian(hash));
        Assert.Empty(faults);
        Assert.Equal(file.Shares, shares.Select(share => share.Share.WireBytes), (left, right) => left.AsSpan().SequenceEqual(right.AsSpan()));
        Assert.All(shares, share => Assert.Equal((DateTimeOffset.UnixEpoch, null, false, false), (share.SeenAt, share.From, share.Own, share.Dead)));
        Assert.Equal(file.Verified.Order(), shares.Select(share => share.Share.Hash).Order());

        var chain = new ShareChain(live.Network, FixedHeights.AllAt(0));
        var change = chain.Add(shares, ChainSteps.Time(1_900_000_000));
        Assert.DoesNotContain(change.Outcomes, outcome => outcome.Verdict == ShareVerdict.Refused);
        Assert.True(chain.Height >= live.Network.ChainLength);
        Assert.Equal(shares.Length, chain.Count);
    }

    [Fact]
    public void FileOfTheClassicNetwork_Imported_IsItsChain()
    {
        var file = LegacyShareFile.Read(Vectors.Bytes("v17-chain-320.shares"));
        Assert.Equal((320, 0, 0), (file.Shares.Length, file.Verified.Count, file.BadLineCount));
        var (shares, faults) = file.Restore(new ShareCheck(KnownNetworks.VertcoinClassic), (_, hash) => hash.Clear());
        Assert.Empty(faults);
        Assert.Equal(ClassicShares.Chain320.Select(share => share.Hash), shares.Select(share => share.Share.Hash));

        // To the other network all of them are of an old type, which its nodes pass over.
        (shares, faults) = file.Restore(new ShareCheck(KnownNetworks.Vertcoin), (_, hash) => hash.Clear());
        Assert.Empty(shares);
        Assert.Equal([KeyValuePair.Create(ShareFault.OlderType, 320)], faults);
    }

    [Fact]
    public void BadLines_Read_AreSaidAndPassedOver()
    {
        var good = Convert.ToHexStringLower(ClassicShares.Chain320[0].WireBytes.AsSpan());
        var file = LegacyShareFile.Read(Encoding.ASCII.GetBytes(string.Join('\n',
            "0 anything", "1", "2 abc", $"5 {good}\r", "5 0g", "5 ", "5 abc", "2 xyz", $"2 {new string('f', 65)}", "", "7 what", "nonsense", "55", $"5 {good[..^2]}", $"5 {good}")));

        Assert.Equal([Hash256.Parse("abc")], file.Verified);
        Assert.Equal(3, file.Shares.Length);
        Assert.Equal(
            ["line 5: no share in hex after 5", "line 6: no share in hex after 5", "line 7: no share in hex after 5", "line 8: no hash after 2", "line 9: no hash after 2",
                "line 10: empty", "line 11: unknown entry '7 what'", "line 12: unknown entry 'nonsense'", "line 13: unknown entry '55'"],
            file.BadLines);
        var (shares, faults) = file.Restore(new ShareCheck(KnownNetworks.VertcoinClassic), (_, hash) => hash.Clear());
        Assert.Equal(2, shares.Length);
        Assert.Equal([KeyValuePair.Create(ShareFault.Malformed, 1)], faults);
    }

    [Theory]
    [InlineData("2", "no hash after 2")]
    [InlineData("7 \u001b[31m", "unknown entry '7 ?[31m'")]
    [InlineData("nonsense longer than anybody wants to read", "unknown entry 'nonsense longer than'")]
    public void BadLine_Read_IsShownShortAndPlain(string line, string problem) =>
        Assert.Equal([$"line 1: {problem}"], LegacyShareFile.Read(Encoding.ASCII.GetBytes(line)).BadLines);

    [Fact]
    public void ManyBadLines_Read_AreCountedAndTheFirstSaid()
    {
        var file = LegacyShareFile.Read(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("x\n", 1000))));
        Assert.Equal((1000, LegacyShareFile.MostBadLinesNoted), (file.BadLineCount, file.BadLines.Length));
        Assert.Empty(LegacyShareFile.Read([]).BadLines);
    }

    [Fact]
    public void FileNames_InOrder_AreThoseOfShareFilesByNumber() => Assert.Equal(
        ["data/shares.0", "data/shares.2", "shares.10"],
        LegacyShareFile.InOrder(["shares.10", "addrs", "data/shares.2", "shares.x", "data/shares.0", "shares.", "shares.1.bak", "shares.-1", "backup.3"]));
}
