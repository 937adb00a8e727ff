using System.Numerics;
using CsCheck;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>Luck, rates of single payees and votes for versions to come, against a walk that adds up whole numbers.</summary>
public class ChainStatisticsTests
{
    private const int MostShares = 60;
    private const ulong Known = 35;

    // An hour of its shares, 120, is more than its chain length.
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin with { ChainLength = 40, TargetLookbehind = 20 };

    // Blocks as hard as a few shares, as hundreds, easier than any share, beyond any hash, and impossible.
    private static readonly CompactTarget[] BlockBits = [new(0x1e003000), new(0x1d00ffff), new(0x207fffff), new(0x23000100), new(0)];

    private static readonly string[] Payees =
        [Network.DonationAddress, .. Enumerable.Range(1, 2).Select(i => Bech32.Encode(Network.Parent.Bech32Prefix, [.. Enumerable.Repeat((byte)i, 20)]))];

    private static readonly Gen<KnownShare[]> Shares =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 7], Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 9], Gen.Int[0, 3]).Array[1, MostShares].Select(shapes => shapes.Select((shape, i) =>
        {
            var (back, target, block, payee, spice, vote) = shape;
            var bits = BlockBits[block];
            // Mostly one line, now and then a fork.
            return MadeShare.Of(
                i + 1, Math.Max(0, i - (back == 2 && spice == 0 ? 1 : 0)), target, timestamp: (uint)(1_700_000_000 + 7 * i + spice * spice),
                solvesBlock: bits.IsBeyondAnyHash || (spice < 3 && !bits.ToTarget().IsZero), stale: spice == 5 ? StaleInfo.Orphan : StaleInfo.None, address: Payees[payee],
                donation: (ushort)(spice * 1000), blockBits: bits, vote: Known - 1 + (ulong)vote);
        }).ToArray());

    [Fact]
    public void RandomChains_HaveTheFiguresOfTheWalk() => Gen.Select(Shares, Gen.Int[1, MostShares]).Sample(
        (shares, count) =>
        {
            var chain = new ShareChain(Network, FixedHeights.AllAt(0), (_, _) => null);
            chain.Add(ChainSteps.Time(1_800_000_000), shares);
            var line = Walk(shares, chain.BestHash()!.Value);
            var statistics = chain.Statistics!;
            var window = statistics.Last(count);
            CompareLuck(line.Take(count), window.Luck());
            CompareLuck(line.Take(Network.ChainLength), statistics.Luck);
            CompareRates([.. line.Take(count)], window.RateByPayee());
            CompareVotes([.. line.Take(Network.ChainLength)], statistics.MajorityForUnknownVersion);
        },
        iter: 500);

    [Fact]
    public void BlocksFound_PerBlockExpected_AreTheLuck()
    {
        // Four hashes are expected for such a block, two for such a share.
        var (block, share) = (new CompactTarget(0x203fffff), new CompactTarget(0x207fffff));
        var ratio = share.AverageAttempts.ToDouble() / block.AverageAttempts.ToDouble();
        Assert.Equal(0.5, ratio);
        Assert.Equal(new BlockLuck(3, 2), Luck(share, block, 3, 4));
        Assert.Equal(1.5, new BlockLuck(3, 2).Ratio);
        Assert.Null(new BlockLuck(0, 0).Ratio);
        // Who names a block that any share solves is neither lucky nor not.
        Assert.Equal(new BlockLuck(4, 4), Luck(share, new CompactTarget(0x217fffff), 4, 4));

        static BlockLuck Luck(CompactTarget target, CompactTarget block, int solved, int all)
        {
            var chain = new ShareChain(Network, FixedHeights.AllAt(0), (_, _) => null);
            chain.Add(ChainSteps.Time(1_800_000_000), Enumerable.Range(1, all).Select(i => MadeShare.Of(i, i - 1, solvesBlock: i <= solved, bits: target, blockBits: block)));
            return chain.Statistics!.Luck;
        }
    }

    [Theory]
    [InlineData(21, 36ul, 36ul)]
    [InlineData(20, 36ul, null)]
    [InlineData(40, 35ul, null)]
    [InlineData(40, 34ul, null)]
    public void HalfOfTheWorkAndMore_ForALaterVersion_IsTold(int votes, ulong version, ulong? told)
    {
        var chain = new ShareChain(Network, FixedHeights.AllAt(0), (_, _) => null);
        // What is older than a chain length does not count.
        chain.Add(ChainSteps.Time(1_800_000_000), Enumerable.Range(1, 50).Select(i => MadeShare.Of(i, i - 1, vote: i <= 10 ? 99 : i <= 10 + votes ? version : Known)));
        Assert.Equal(told, chain.Statistics!.MajorityForUnknownVersion);
    }

    private static List<KnownShare> Walk(KnownShare[] shares, Hash256 tip)
    {
        var byHash = shares.ToDictionary(share => share.Share.Hash);
        var line = new List<KnownShare>();
        for (; byHash.TryGetValue(tip, out var share); tip = share.Share.PreviousShare) line.Add(share);
        return line;
    }

    private static void CompareLuck(IEnumerable<KnownShare> line, BlockLuck luck)
    {
        var (solved, expected) = (0, 0.0);
        foreach (var share in line)
        {
            if (share.Share.ProofOfWork <= share.Share.FullHeader.Bits.ToTarget()) solved++;
            expected += Math.Min(1, (double)Attempts(share.Share.Target) / (double)Attempts(share.Share.FullHeader.Bits.ToTarget()));
        }
        Assert.Equal(solved, luck.Solved);
        Assert.Equal(expected, luck.Expected, expected * 1e-9);
    }

    private static void CompareRates(List<KnownShare> line, IReadOnlyDictionary<string, PayeeRate> rates)
    {
        var seconds = Math.Max(1, (double)line[0].Share.Share.Info.Timestamp - line[^1].Share.Share.Info.Timestamp);
        var walked = new SortedDictionary<string, (BigInteger Work, int Shares, int Lost)>(StringComparer.Ordinal);
        foreach (var share in line.SkipLast(1))
        {
            var (work, shares, lost) = walked.GetValueOrDefault(share.Share.PayeeName);
            walked[share.Share.PayeeName] = (work + Attempts(share.Share.Target), shares + 1, lost + (share.Share.Share.Info.StaleInfo == StaleInfo.None ? 0 : 1));
        }
        Assert.Equal(walked.Keys, rates.Keys);
        foreach (var (payee, (work, shares, lost)) in walked)
        {
            Assert.Equal((double)work / seconds, rates[payee].AttemptsPerSecond, (double)work / seconds * 1e-12);
            Assert.Equal((shares, lost), (rates[payee].Shares, rates[payee].Lost));
        }
    }

    private static void CompareVotes(List<KnownShare> line, ulong? told)
    {
        var total = line.Aggregate(BigInteger.Zero, (sum, share) => sum + Attempts(share.Share.Target));
        var majority = line.GroupBy(share => share.Share.Share.Info.DesiredVersion)
            .Where(votes => votes.Key > Known && 2 * votes.Aggregate(BigInteger.Zero, (sum, share) => sum + Attempts(share.Share.Target)) > total)
            .Select(votes => (ulong?)votes.Key);
        Assert.Equal(majority.SingleOrDefault(), told);
    }

    private static BigInteger Attempts(UInt256 target) => BigInteger.Pow(2, 256) / (target.ToBigInteger() + 1);
}
