using System.Collections.Immutable;
using CsCheck;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>
/// Payout windows, which are cut in logarithmic time and slid, against walks that begin anew each time: random forests whose shares come and go,
/// payees who come and go with them, and windows whose limits alternate.
/// </summary>
public class PayoutWindowTwinTests
{
    private const int MostShares = 60;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly PayeeScripts Scripts = new(Network.Parent);

    // Some of them differ in their last characters only.
    private static readonly ImmutableArray<string> Addresses =
        [Network.DonationAddress, .. Enumerable.Range(1, 9).Select(i => Bech32.Encode(Network.Parent.Bech32Prefix, [.. Enumerable.Repeat((byte)(i / 3), 19), (byte)i]))];

    // How a step is meant: a share comes (or goes, when it is there), then windows are looked at above some share.
    private sealed record Step(int Share, int Above, int Limit, int MostShares, ulong Subsidy);

    // Of a small one unequal weights get equal amounts, or nothing.
    private static readonly Gen<ulong> Subsidies = Gen.Frequency((2, Gen.ULong[0, 5_000_000_000]), (1, Gen.ULong[0, 2000]));

    private static readonly Gen<(KnownShare[] Shares, UInt256[] Limits, Step[] Steps)> Cases =
        from shapes in Gen.Select(Gen.Int[0, 9], Gen.Int[1, 12], Gen.Int[0, 7], Gen.Int[0, 9], Gen.Int[0, 5]).Array[1, MostShares]
        from limits in Gen.Select(Gen.Int[0, MostShares], Gen.Int[-1, 1], Gen.Int[0, 7]).Array[1, 7]
        from steps in Gen.Select(Gen.Int[0, shapes.Length - 1], Gen.Int[0, 3], Gen.Int[0, limits.Length - 1], Gen.Int[0, 2 * MostShares], Subsidies)
            .Array[1, 3 * MostShares]
        select (
            shapes.Select((each, i) => Make(i + 1, each.Item1, each.Item2, each.Item3, each.Item4, each.Item5)).ToArray(),
            limits.Select(Limit).ToArray(),
            steps.Select(each => new Step(each.Item1, each.Item2, each.Item3, each.Item4, each.Item5)).ToArray());

    private int _slid, _anew;

    [Fact]
    public void RandomWindows_OnAChangingForest_AreThoseOfTheWalk()
    {
        Cases.Sample(Compare, iter: 300);
        // Or else the cases no longer reach what they are made for.
        Assert.InRange(_anew, 1, _slid);
    }

    [Fact]
    public void LongChain_CutAnywhere_EndsWhereTheWalkEnds()
    {
        const int Length = 600;
        var (forest, shares) = Chain(Length);
        foreach (var start in (int[])[0, 1, 63, 64, 255, 256, 511, 512, Length - 1])
            for (var count = 0; count <= start + 1; count++)
                foreach (var more in (int[])[-1, 0, 1])
                {
                    var line = shares.Take(start + 1).Reverse().ToList();
                    var work = line.Take(count).Aggregate(UInt256.Zero, (sum, share) => sum + share.Share.Attempts);
                    var limit = more < 0 ? (work.IsZero ? work : work - UInt256.One) : work + (ulong)more;
                    var sum = UInt256.Zero;
                    var expected = line.FirstOrDefault(share => (sum += share.Share.Attempts) > limit)?.Share.Hash;
                    Assert.Equal(expected, forest.Find(shares[start].Share.Hash)!.FirstBeyond(limit)?.Hash);
                }
    }

    [Fact]
    public void HeaderBits_Alternating_KeepAFewWindowsAndNoMore()
    {
        const int Length = 1400;
        const int Full = 1300;
        const int Apart = 2 * PayoutLedger.MostSteps;
        var (forest, shares) = Chain(Length);
        Assert.Equal(8, SummedUp(8));
        Assert.Equal(Length - Full, SummedUp(9));

        int SummedUp(int kinds)
        {
            var windows = new PayoutWindows(Network);
            for (var i = Full; i < Length; i++)
            {
                var window = new PayoutWindow(Full, Limit((Apart * (i % kinds + 1), 0, 3)));
                var start = forest.Find(shares[i].Share.Hash)!;
                Assert.Equal(SlowChain.Weights(start.Line().Select(node => node.Share), Full, 65535 * window.MostAttempts.ToBigInteger()).Payees, windows.Weigh(start, window).Payees);
            }
            return windows.SummedUp;
        }
    }

    [Fact]
    public void PayeeOfThePartialShare_Gone_IsNotTakenForTheNextOne()
    {
        var forest = new ShareForest();
        for (var i = 1; i <= 10; i++) forest.Add(MadeShare.Of(i, i - 1, address: Addresses[i == 1 ? 1 : 2]));
        var windows = new PayoutWindows(Network);
        Compare(windows, forest.Find(MadeShare.Hash(9))!, new PayoutWindow(MostShares, Limit((8, 1, 0))), 1_000_000);

        forest.Remove(forest.Find(MadeShare.Hash(1))!);
        Compare(windows, forest.Add(MadeShare.Of(11, 10, address: Addresses[3])), new PayoutWindow(MostShares, Limit((8, 0, 0))), 1_000_000);
    }

    // So hard that weights have more than 64 bits, of which the low ones are in another order.
    [Fact]
    public void PayeesOfLongWeights_Paid_StandInTheOrderOfTheWholeWeights()
    {
        var forest = new ShareForest();
        for (var i = 1; i <= 9; i++) forest.Add(MadeShare.Of(i, i - 1, address: Addresses[i], bits: new CompactTarget(0x1a00f000u + (uint)(i * 5 % 9) * 0x111)));
        Compare(new PayoutWindows(Network), forest.Find(MadeShare.Hash(9))!, new PayoutWindow(MostShares, UInt256.MaxValue >> 17), 5_000_000_000);
    }

    // Ten and eleven parts come to one satoshi, twenty and twenty-one to two, and each time the address decides against the weight.
    [Fact]
    public void UnequalWeightsOfEqualAmounts_TwiceInAWindow_AreBothOrderedByAddress()
    {
        int[] parts = [11, 10, 21, 20];
        var addresses = Addresses[1..5].Order(StringComparer.Ordinal).ToList();
        var forest = new ShareForest();
        var number = 0;
        for (var payee = 0; payee < parts.Length; payee++)
            for (var part = 0; part < parts[payee]; part++)
                forest.Add(MadeShare.Of(++number, number - 1, address: addresses[payee]));
        var windows = new PayoutWindows(Network);
        var window = new PayoutWindow(number, UInt256.MaxValue >> 17);
        var script = Scripts.Find(addresses[0])!.Value;
        Assert.Equal(
            addresses.Zip((ulong[])[1, 1, 2, 2], (address, amount) => new Payout(address, amount)),
            windows.Plan(forest.Find(MadeShare.Hash(number))!, window, 7).For(addresses[0], script.AsSpan()).ToList());
        Compare(windows, forest.Find(MadeShare.Hash(number))!, window, 7);
    }

    private static (ShareForest Forest, KnownShare[] Shares) Chain(int length)
    {
        KnownShare[] shares = [.. Enumerable.Range(1, length).Select(i => MadeShare.Of(i, i - 1, i * 7 % 8, address: Addresses[i % 10]))];
        var forest = new ShareForest();
        foreach (var share in shares) forest.Add(share);
        return (forest, shares);
    }

    private static KnownShare Make(int number, int kind, int back, int target, int payee, int donation)
    {
        var parent = kind switch
        {
            0 => 0,
            1 => 1000,
            2 => Math.Max(0, number - back),
            _ => number - 1,
        };
        return MadeShare.Of(
            number, parent, target, address: Addresses[payee], donation: donation switch { 0 => 65535, 1 => 655, 2 => 1, _ => 0 });
    }

    // Some whole shares of one target, with one attempt more or less.
    private static UInt256 Limit((int Shares, int More, int Target) limit)
    {
        var work = UInt256.MultiplySaturating(MadeShare.Targets[limit.Target].AverageAttempts, (ulong)limit.Shares);
        return limit.More < 0 ? (work.IsZero ? work : work - UInt256.One) : work + (ulong)limit.More;
    }

    private void Compare((KnownShare[] Shares, UInt256[] Limits, Step[] Steps) given)
    {
        var forest = new ShareForest();
        var windows = new PayoutWindows(Network);
        var compared = 0;
        for (var i = 0; i < given.Steps.Length; i++)
        {
            var step = given.Steps[i];
            // First they come in order; later any comes or goes.
            var share = given.Shares[i < given.Shares.Length ? i : step.Share];
            if (forest.Find(share.Share.Hash) is { } held) forest.Remove(held);
            else forest.Add(share);

            var above = forest.Find(share.Share.Hash) ?? forest.Nodes.FirstOrDefault();
            for (var n = 0; n < step.Above && above?.Parent is { } parent; n++) above = parent;
            if (above is null) continue;
            var window = new PayoutWindow(step.Above == 0 ? step.MostShares : MostShares, given.Limits[step.Limit]);
            Compare(windows, above, window, step.Subsidy);
            compared++;
        }
        Interlocked.Add(ref _anew, windows.SummedUp);
        Interlocked.Add(ref _slid, compared - windows.SummedUp);
    }

    private static void Compare(PayoutWindows windows, ShareNode start, PayoutWindow window, ulong subsidy)
    {
        var slow = SlowChain.Weights(start.Line().Select(node => node.Share), window.MostShares, 65535 * window.MostAttempts.ToBigInteger());
        var finder = Addresses[(int)(subsidy % 10)];
        var script = Scripts.Find(finder)!.Value;
        var expected = new PayoutPlan(Network, Scripts, slow, subsidy).For(finder, script.AsSpan());
        var payouts = windows.Plan(start, window, subsidy).For(finder, script.AsSpan());
        Assert.Equal(expected.ToList(), payouts.ToList());
        Assert.Equal(expected.Donation, payouts.Donation);
        Assert.Equal(Written(expected), Written(payouts));

        var weights = windows.Weigh(start, window);
        Assert.Equal(slow.Total, weights.Total);
        Assert.Equal(slow.Payees, weights.Payees);
    }

    private static byte[] Written(PayoutPlan.FinderPayouts payouts)
    {
        var writer = new ByteWriter();
        payouts.Write(writer);
        return writer.ToArray();
    }
}
