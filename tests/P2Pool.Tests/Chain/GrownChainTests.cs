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

    private const int ChangeOfDonation = 9;

    private static readonly CompactTarget EveryHash = new(0x23010000);
    private static readonly CompactTarget NoHash = new(0);

    // Windows of a few shares, of about as many as there are, and of more; a header may also name what every hash meets, or none.
    private static readonly CompactTarget[] BlockBits = [new(0x1d7fffff), new(0x1d0fffff), new(0x1c7fffff), new(0x1b0404cb), EveryHash, NoHash];

    [Fact]
    public void SharesOfOurOwn_OnRandomForks_VerifyUnderTheSlowTwin() => Gen.Select(
        Gen.Int[0, 1_000_000],
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 5], Gen.ULong[0, 5_000_000_000], Gen.Int[0, 13]).Array[1, 160]).Sample(
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

                if (Changed(share.Share, change, grower) is not { } changed) continue;
                var other = grower.Checked(changed);
                var refusal = rules.Verify(other, slow.ContextOf(other), now);
                // Nothing constrains the donation: with another one it is another good share.
                Assert.Equal(change == ChangeOfDonation, refusal is null);
                Offer(other, refusal);
                if (refusal is null) slow.Add(other);

                void Offer(CheckedShare offered, ShareRefusal? expected)
                {
                    var outcome = Assert.Single(fast.Add(ChainSteps.Time(now), offered.SeenAt(now)).Outcomes);
                    Assert.Equal(expected is null ? ShareVerdict.Verified : ShareVerdict.Refused, outcome.Verdict);
                    Assert.Equal(expected, outcome.Refusal);
                }
            }
        },
        iter: 40);

    /// <summary>Header bits are nobody's to check; the window follows them. Spec: generation transaction 4.3.</summary>
    [Fact]
    public void HeaderBits_ThatEveryHashMeetsOrNone_MakeAWindowOfNothingOrOfAll()
    {
        var grower = new ChainGrower(Network, 5, 11);
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        var made = new List<CheckedShare>();
        for (var i = 0; i < 30; i++)
        {
            var work = chain.BuildWork(ChainGrower.Template(700_000, i % 2 == 0 ? EveryHash : NoHash, 1_000_000_000));
            // From the share below the parent on.
            var counted = made.SkipLast(1).Select(share => share.Attempts.ToBigInteger()).Aggregate(System.Numerics.BigInteger.Zero, (sum, attempts) => sum + attempts);
            Assert.Equal(i % 2 == 0 ? 0 : 65535 * counted, work.Weights.Total.ToBigInteger());
            var share = grower.Grow(work);
            Assert.Equal(i % 2 == 0, share.SolvesBlock);
            Assert.Equal(ShareVerdict.Verified, chain.Add(ChainSteps.Time(share.Share.Info.Timestamp), share.SeenAt(0)).Outcomes[0].Verdict);
            made.Add(share);
        }
    }

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
    private static Share? Changed(Share share, int change, ChainGrower grower)
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
            7 => share with { Info = info with { Bits = new CompactTarget(info.Bits.Bits - 1) } },
            // Of less the finder has no part of his own, and it makes no difference who he is.
            8 when info.Subsidy >= 200 => share with { Info = info with { Address = grower.Payees.First(payee => payee != info.Address) } },
            ChangeOfDonation => share with { Info = info with { Donation = (ushort)(info.Donation ^ 1) } },
            _ => null,
        };
    }
}
