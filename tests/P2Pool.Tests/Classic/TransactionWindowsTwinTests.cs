using System.Collections.Immutable;
using CsCheck;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>
/// The transactions known above a share, moved along the chain, against the walk that begins anew: random forests of shares that name few
/// transactions again and again, arrive late and are pruned, asked about at their heads, further back, share by share downwards, and after jumps of many shares.
/// </summary>
/// <remarks>
/// A share that is judged may not name again what it can refer to. Those below the oldest one judged were never judged, and may.
/// </remarks>
public class TransactionWindowsTwinTests
{
    private const int Fork = 25;

    private static readonly CheckedShare Pattern = ClassicShares.Chain320[^1];

    private int _asked, _jumped, _late, _again, _forgotten, _refused, _back;

    private sealed record Case(int Seed, int Trunk, int Above, int Branches, int Transactions, int Withheld, int Late);

    private static readonly Gen<Case> Cases =
        from seed in Gen.Int[0, 1_000_000]
        from trunk in Gen.OneOf(Gen.Int[0, 80], Gen.Int[80, 160])
        from above in Gen.Int[1, 160]
        from branches in Gen.Int[1, 6]
        from transactions in Gen.OneOf(Gen.Int[3, 60], Gen.Int[100, 300])
        from withheld in Gen.OneOf(Gen.Const(0), Gen.Int[1, 120])
        from late in Gen.OneOf(Gen.Const(0), Gen.Int[1, 8], Gen.Int[1, 400])
        select new Case(seed, trunk, above, branches, transactions, withheld, late);

    [Fact]
    public void RandomForests_AskedWhatIsKnownAnywhere_AnswerLikeTheWalk()
    {
        Cases.Sample(Compare, iter: 100, threads: 1);
        // Or else the cases no longer reach what they are made for.
        Assert.True(
            _asked > 1000 && _jumped > 80 && _late > 30 && _again > 20 && _forgotten > 5 && _refused > 500 && _back > 1000,
            $"{_asked} asked, {_jumped} jumps, {_late} with late ancestors, {_again} with a transaction named again, {_forgotten} with one forgotten, {_refused} lists refused, {_back} a share back");
    }

    private void Compare(Case given)
    {
        var random = new Random(given.Seed);
        Hash256[] transactions = [.. Enumerable.Range(0, given.Transactions).Select(i => Hash256.FromNumber((ulong)(1_000_000 + i)))];
        var shares = Shares(given, random, transactions);
        // The oldest ones may be withheld until others stand above the gap.
        var arrival = shares.Select((share, i) => (share, At: i + random.Next(given.Late + 1) + (i < given.Withheld ? given.Trunk : 0)))
            .OrderBy(each => each.At).Select(each => each.share);

        var (forest, walk, windows) = (new ShareForest(), new WalkedForest(), new TransactionWindows());
        var heights = new Dictionary<Hash256, int>();
        ShareNode? last = null;
        foreach (var share in arrival)
        {
            walk.Add(share);
            var node = forest.Add(share);
            if (random.Next(2) == 0) continue;

            var parent = random.Next(9) switch
            {
                < 3 => node,
                < 6 => forest.Heads.ElementAt(random.Next(forest.Heads.Count())),
                < 8 when last?.Tree is not null => last,
                _ => forest.Nodes.ElementAt(random.Next(forest.Count)),
            };
            CompareAt(parent);
            // A chain that came at once is judged downwards, now and then with shares of other branches in between.
            if (random.Next(12) == 0)
                foreach (var below in parent.Line(random.Next(1, 90)).ToList())
                    CompareAt(random.Next(40) == 0 ? forest.Nodes.ElementAt(random.Next(forest.Count)) : below);
            if (random.Next(12) == 0) Prune(parent.Line().Last());
        }

        void CompareAt(ShareNode parent)
        {
            var line = walk.Line(parent.Hash).Select(each => each.Share).ToList();
            var walked = new WalkedTransactions(line);
            var gathered = windows.Gathered;
            var known = windows.Under(parent);

            Assert.Equal(walked.Shares, known.Shares);
            Assert.All(transactions, hash => Assert.Equal(walked.Find(hash), known.Find(hash)));
            Hash256[] picked = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Any(transactions, random))];
            var named = known.Name(picked);
            var expected = walked.Name(picked);
            Assert.Equal(expected.New, named.New);
            Assert.Equal(expected.References, named.References);
            Assert.Equal(picked, known.Resolve(named)!.Value);
            var changed = Change(named, random);
            Assert.Equal(walked.Resolve(changed), known.Resolve(changed));

            _asked++;
            if (walked.Resolve(changed) is null) _refused++;
            if (windows.Gathered == gathered && last is not null && line.FindIndex(share => share.Hash == last.Hash) > 1) _jumped++;
            if (windows.Gathered == gathered && last is not null && last.Parent == parent) _back++;
            if (heights.TryGetValue(parent.Hash, out var height) && height < walked.Shares) _late++;
            var before = line.Skip(100).Take(1).SelectMany(share => share.Share.Info.Transactions!.New).ToLookup(hash => walked.Find(hash) is not null);
            if (before.Contains(true)) _again++;
            if (before.Contains(false)) _forgotten++;
            heights[parent.Hash] = walked.Shares;
            last = parent;
        }

        void Prune(ShareNode oldest)
        {
            Assert.True(walk.Remove(oldest.Known));
            Assert.True(forest.Remove(oldest));
        }
    }

    // A trunk, then branches that grow side by side; now and then one leaves another.
    private static List<KnownShare> Shares(Case given, Random random, Hash256[] transactions)
    {
        var tips = new int[given.Branches];
        var branch = 0;
        var shares = new List<KnownShare>();
        for (var number = 1; number <= given.Trunk + given.Above; number++)
        {
            if (number == given.Trunk + 1) Array.Fill(tips, given.Trunk);
            if (number > given.Trunk && random.Next(4) == 0) branch = random.Next(given.Branches);
            if (number > given.Trunk && random.Next(15) == 0) tips[branch] = Math.Max(0, number - random.Next(1, Fork));
            Hash256[] named = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(transactions, random))];
            shares.Add(Share(number, tips[branch], [.. named, .. random.Next(3) == 0 ? named.Take(1) : []]).SeenAt(0));
            tips[branch] = number;
        }
        return shares;
    }

    private static CheckedShare Share(int number, int previous, ImmutableArray<Hash256> named)
    {
        var info = Pattern.Share.Info with { PreviousShare = MadeShare.Hash(previous), Transactions = new NamedTransactions(named, []) };
        return Pattern with { Share = Pattern.Share with { Info = info }, Hash = MadeShare.Hash(number) };
    }

    private static NamedTransactions Change(NamedTransactions named, Random random)
    {
        var references = named.References;
        if (references.IsEmpty) references = [new TransactionReference(random.Next(0, 112), (ulong)random.Next(3))];
        var one = references[random.Next(references.Length)];
        return random.Next(7) switch
        {
            0 => named with { References = references.Replace(one, one with { SharesBack = one.SharesBack + 1 }) },
            1 => named with { References = references.Replace(one, one with { Index = one.Index + 1 }) },
            2 => named with { References = references.Replace(one, one with { SharesBack = random.Next(0, 112) }) },
            3 => named with { References = [.. references.Reverse()] },
            4 => named with { References = [.. references, new TransactionReference(random.Next(0, 112), (ulong)random.Next(3))] },
            5 => named with { New = [.. named.New, Hash256.FromNumber(1)] },
            _ => named with { New = [.. named.New.Reverse()] },
        };
    }

    private static Hash256 Any(Hash256[] transactions, Random random) => transactions[random.Next(transactions.Length)];
}
