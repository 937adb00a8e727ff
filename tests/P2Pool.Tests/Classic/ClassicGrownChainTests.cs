using CsCheck;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Random chains of the classic network with forks, transactions and the change of versions, judged by the chain and by the walk that begins anew.</summary>
public class ClassicGrownChainTests
{
    private const int Payees = 12;

    // Short enough for the change from one version to the next to come in the middle.
    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic with { ChainLength = 60, TargetLookbehind = 30 };

    private static readonly DateTimeOffset Now = ChainSteps.Time(1_900_000_000);

    private static readonly CompactTarget[] BlockBits =
        [new(0x1b0404cb), CompactTarget.FromTargetUpperBound(Network.MaxTarget / 40), CompactTarget.FromTargetUpperBound(Network.MaxTarget / 7)];

    [Fact]
    public void RandomChain_MadeByOurRules_IsVerified_AndItsChangedShareRefusedForTheReasonOfTheWalk()
    {
        var (made, switched, referring, refused) = (0, 0, 0, new HashSet<ShareRefusal>());
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[20, 180]).Sample((seed, length) =>
        {
            var random = new Random(seed);
            var grower = new ClassicGrower(Network, seed);
            // Half of them differ from another in the last byte only, and of a small subsidy many get the same.
            var payees = Enumerable.Range(0, Payees / 2).Select(_ => grower.Payee()).SelectMany(payee => new[] { payee, Neighbour(payee) }).ToList();
            var (slow, fast, rules) = (new SlowChain(Network), new ShareChain(Network, FixedHeights.AllAt(0)), new ShareVerification(Network));
            List<Hash256> tips = [Hash256.Zero];
            List<Hash256> offered = [];
            for (var i = 0; i < length; i++)
            {
                if (random.Next(3) == 0) offered.AddRange(grower.Transactions(random.Next(4)));
                Hash256[] transactions = [.. offered.Where(_ => random.Next(offered.Count) < 5)];
                var bits = BlockBits[random.Next(BlockBits.Length)];
                var parent = random.Next(6) == 0 ? tips[Math.Max(0, tips.Count - 3)] : tips[^1];
                var context = slow.At(parent, bits);
                CheckedShare Grow(Func<ShareInfo, ShareInfo>? change = null) => grower.Grow(
                    context, payees[random.Next(Payees)], bits, (ulong)random.NextInt64(0, random.Next(2) == 0 ? 5_000_000_000 : 2000), transactions, change: change);

                var share = Grow();
                Assert.Null(rules.Verify(share, context, 0));
                Assert.Equal(ShareVerdict.Verified, fast.Add(Now, share.SeenAt(0)).Outcomes[0].Verdict);
                slow.Add(share);
                tips.Add(share.Hash);
                made++;
                if (share.Share.Version.Number == 17) switched++;
                if (share.Share.Info.Transactions!.References.Any(reference => reference.SharesBack > 0)) referring++;

                var changed = Grow(info => Change(info, random));
                if (rules.Verify(changed, context, 0) is not { } reason) continue;
                var outcome = fast.Add(Now, changed.SeenAt(0)).Outcomes[0];
                Assert.Equal((ShareVerdict.Refused, reason), (outcome.Verdict, outcome.Refusal!.Value));
                lock (refused) refused.Add(reason);
            }
        }, iter: 25, threads: 1);
        // Or else the cases no longer reach what they are made for.
        Assert.True(switched > made / 20 && referring > made / 3, $"{made} made, {switched} of version 17, {referring} referring");
        Assert.Superset(
            new HashSet<ShareRefusal>
            {
                ShareRefusal.Transactions, ShareRefusal.MaxBits, ShareRefusal.FarShare, ShareRefusal.AbsoluteHeight, ShareRefusal.AbsoluteWork, ShareRefusal.Timestamp,
            },
            refused);
    }

    [Fact]
    public void ChainInOrder_WithForks_GathersItsTransactionsHardlyEver()
    {
        var grower = new ClassicGrower(Network, 5);
        var (forest, windows, contexts) = (new ShareForest(), new TransactionWindows(), new ShareContexts(Network));
        var payee = grower.Payee();
        ShareNode?[] tips = [null, null, null];
        for (var i = 0; i < 330; i++)
        {
            ref var tip = ref tips[i < 110 ? 0 : i % 3];
            tip ??= tips[0];
            var share = grower.Grow(contexts.Of(tip, BlockBits[0]), payee, BlockBits[0], 1_000_000, grower.Transactions(2), ShareVersionRules.Version16);
            tip = forest.Add(share.SeenAt(0));
            var known = windows.Under(tip);
            Assert.Equal(Math.Min(100, tip.Height), known.Shares);
            for (var back = 1; back <= Math.Min(101, tip.Height); back++)
            {
                var named = tip.Ancestor(back - 1)!.Share.Share.Info.Transactions!.New;
                TransactionReference? expected = back <= 100 ? new TransactionReference(back, 1) : null;
                Assert.Equal(expected, known.Find(named[1]));
            }
        }
        Assert.InRange(windows.Gathered, 1, 3);
    }

    private static KeyHash Neighbour(KeyHash payee)
    {
        var hash = payee.ToBytes();
        hash[payee.Version == 0 ? 0 : KeyHash.Size - 1] ^= 1;
        return KeyHash.Of(hash, payee.Version);
    }

    private static ShareInfo Change(ShareInfo info, Random random)
    {
        var named = info.Transactions!;
        switch (random.Next(8))
        {
            case 0: return info with { MaxBits = new CompactTarget(info.MaxBits.Bits - 1) };
            case 1: return info with { FarShare = Hash256.FromNumber(7) };
            case 2: return info with { AbsoluteWork = info.AbsoluteWork + 1 };
            case 3: return info with { AbsoluteHeight = info.AbsoluteHeight + 1 };
            case 4: return info with { Timestamp = info.Timestamp + 40 };
            case 5: return info with { Donation = (ushort)(info.Donation ^ 1) };
            case 6 when named.References.FirstOrDefault(each => each.SharesBack > 0) is { SharesBack: > 0 } known:
                return info with { Transactions = named with { References = named.References.Replace(known, known with { SharesBack = known.SharesBack + 1 }) } };
            default:
                return info with { Transactions = named with { References = [.. named.References.Reverse()] } };
        }
    }
}
