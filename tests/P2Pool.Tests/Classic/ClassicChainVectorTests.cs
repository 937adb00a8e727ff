using System.Numerics;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>v17-chain-320: target adjustment, cut windows, stale flags, transactions used again.</summary>
public class ClassicChainVectorTests
{
    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic;

    [Fact]
    public void RecordedChain_JudgedShareByShare_IsGood()
    {
        var (chain, verification) = (new SlowChain(Network), new ShareVerification(Network));
        Assert.Equal(320, ClassicShares.Chain320.Length);
        foreach (var share in ClassicShares.Chain320)
        {
            var context = chain.ContextOf(share);
            Assert.Null(verification.Verify(share, context, 0));
            Assert.Equal(share.CoinbaseId, Sha256.Double(verification.Coinbase(share, context)));
            chain.Add(share);
        }
        Assert.Contains(ClassicShares.Chain320, share => share.Share.Info.Transactions!.References.Any(reference => reference.SharesBack > 1));
        Assert.True(ClassicShares.Chain320.Select(share => share.MaxTarget).Distinct().Count() > 10);
    }

    [Fact]
    public void RecordedChain_AddedAtOnce_IsVerifiedWholeAndItsTipIsBest()
    {
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        var change = chain.Add(ChainSteps.Time(1_800_000_000), ClassicShares.Chain320.Reverse().Select(share => share.SeenAt(0)));
        Assert.All(change.Outcomes, outcome => Assert.Equal(ShareVerdict.Verified, outcome.Verdict));
        Assert.Equal("90bb50c1850b9313327c5e7340d7c55a44a5fa455a0caa4e65c257825f0b34fe", chain.BestHash().ToString());
        Assert.Equal(320, chain.Height);
    }

    /// <summary>The example of a cut window in the specification.</summary>
    [Fact]
    public void CutWindow_Weighed_HasTheSpecifiedWeights()
    {
        var forest = new ShareForest();
        foreach (var share in ClassicShares.Chain320) forest.Add(share.SeenAt(0));
        var start = forest.Find(ClassicShares.Chain320[^1].Hash)!;
        var cap = UInt256.MultiplySaturating(new CompactTarget(0x1d3fffff).AverageAttempts, (ulong)Network.SpreadBlocks);
        var weights = PayoutWindows.Sum(start, new PayoutWindow(320, cap));

        Assert.Equal(52775765409600, (BigInteger)weights.Total.ToBigInteger());
        Assert.Equal(9480208960193, weights.Payees.Aggregate(weights.Total.ToBigInteger(), (rest, payee) => rest - payee.Weight.ToBigInteger()));
        Assert.Equal(
            [("0014a0a1", 16392615222445), ("76a91492", 4382183531631), ("76a91496", 13878636429165), ("a9140001", 8642121266166)],
            weights.Payees.Select(payee => (payee.Address[..8], (long)payee.Weight.ToBigInteger())));
    }
}
