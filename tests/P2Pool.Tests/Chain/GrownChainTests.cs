using CsCheck;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>
/// Random chains of shares built by our own builder, forks and all, under the rules fed by a chain that walks: the two must agree, and on
/// shares with one thing changed as well.
/// </summary>
public class GrownChainTests
{
    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin with { ChainLength = 40, TargetLookbehind = 20, SpreadBlocks = 2 };

    // Windows of a few shares, of about as many as there are, and of more.
    private static readonly CompactTarget[] BlockBits = [new(0x1d7fffff), new(0x1d0fffff), new(0x1c7fffff), new(0x1b0404cb)];

    [Fact]
    public void SharesOfOurOwn_OnRandomForks_VerifyUnderTheSlowTwin() => Gen.Select(
        Gen.Int[0, 1_000_000],
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 3], Gen.ULong[0, 5_000_000_000], Gen.Int[0, 9]).Array[1, 160]).Sample(
        (seed, steps) =>
        {
            var grower = new ChainGrower(Network, 12, seed);
            var (slow, fast, rules) = (new SlowChain(Network), new ShareChain(Network, FixedHeights.AllAt(0)), new ShareVerification(Network));
            var made = new List<CheckedShare>();
            foreach (var (back, bits, subsidy, change) in steps)
            {
                // Mostly on the newest share, now and then on one further down.
                var parent = made.Count == 0 ? Hash256.Zero : made[Math.Max(0, made.Count - 1 - (back > 15 ? back : 0))].Hash;
                var work = WorkBase.At(
                    Network, ChainGrower.Template((uint)made.Count + 700_000, BlockBits[bits], subsidy), slow.At(parent, BlockBits[bits]), StaleInfo.None, 0)!;
                var share = grower.Grow(work);
                var now = share.Share.Info.Timestamp;
                Assert.Null(rules.Verify(share, slow.ContextOf(share), now));
                Offer(share, null);
                slow.Add(share);
                made.Add(share);

                if (Changed(share.Share, change) is not { } other) continue;
                var bad = grower.Checked(other);
                var refusal = rules.Verify(bad, slow.ContextOf(bad), now);
                Assert.NotNull(refusal);
                Offer(bad, refusal);

                void Offer(CheckedShare offered, ShareRefusal? expected)
                {
                    var outcome = Assert.Single(fast.Add(ChainSteps.Time(now), offered.SeenAt(now)).Outcomes);
                    Assert.Equal(expected is null ? ShareVerdict.Verified : ShareVerdict.Refused, outcome.Verdict);
                    Assert.Equal(expected, outcome.Refusal);
                }
            }
        },
        iter: 40);

    [Fact]
    public void Share_WhoseFarShareIsBelowTheOldestHeld_CannotBeJudged()
    {
        var grower = new ChainGrower(Network, 3, 7);
        var slow = new SlowChain(Network);
        var made = new List<CheckedShare>();
        for (var i = 0; i < 120; i++)
        {
            var context = slow.At(made.Count == 0 ? Hash256.Zero : made[^1].Hash, BlockBits[3]);
            made.Add(grower.Grow(WorkBase.At(Network, ChainGrower.Template(700_000, BlockBits[3], 1_000_000), context, StaleInfo.None, 0)!));
            slow.Add(made[^1]);
        }

        Assert.Equal(ShareRefusal.FarShareNotHeld, Refusal(98));
        Assert.Null(Refusal(100));

        // The head is judged on what is held: itself and so many shares below.
        ShareRefusal? Refusal(int below)
        {
            var chain = new ShareChain(Network, FixedHeights.AllAt(0));
            var now = made[^1].Share.Info.Timestamp;
            return chain.Add(ChainSteps.Time(now), made.TakeLast(below + 1).Select(share => share.SeenAt(now))).Outcomes[^1].Refusal;
        }
    }

    // Whatever is changed in the info changes the reference hash, and with it the coinbase; it is the earlier rule that must be named.
    private static Share? Changed(Share share, int change)
    {
        var info = share.Info;
        return change switch
        {
            0 => share with { Info = info with { AbsoluteHeight = info.AbsoluteHeight + 1 } },
            1 => share with { Info = info with { AbsoluteWork = info.AbsoluteWork + 1 } },
            2 => share with { Info = info with { Timestamp = info.Timestamp + 601 } },
            3 => share with { Info = info with { MaxBits = new CompactTarget(info.MaxBits.Bits - 1) } },
            4 => share with { Info = info with { FarShare = Hash256.FromNumber(5) } },
            5 => share with { Coinbase = share.Coinbase with { Length = share.Coinbase.Length + 64 } },
            6 => share with { Info = info with { Subsidy = info.Subsidy + 200 } },
            _ => null,
        };
    }
}
