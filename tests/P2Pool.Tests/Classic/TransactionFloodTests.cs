using System.Collections.Immutable;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Shares that name as many transactions as a message holds, which costs no more work than others do.</summary>
public class TransactionFloodTests
{
    private const int AsManyAsFit = 27_000;
    private const int MostHashesKept = 400_000;

    private static readonly CheckedShare Pattern = ClassicShares.Chain320[^1];

    [Fact]
    public void TransactionsNamedAgain_ByTheNextShare_CostMemoryForEachOnce()
    {
        var named = Hashes(AsManyAsFit, 0);
        var forest = new ShareForest();
        forest.Add(Share(1, 0, named));
        var node = forest.Add(Share(2, 1, named));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var known = KnownTransactions.Gather(node);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(new TransactionReference(1, 7), known.Find(named[7]));
        // About 350 bytes for each, growth included.
        Assert.InRange(allocated, 1, 1000 * AsManyAsFit);
    }

    [Fact]
    public void PlacesKept_OfFullShares_AreAsManyAsTheLimitAllows_AndTheOneUsedLastInAnyCase()
    {
        var (forest, windows) = (new ShareForest(), new TransactionWindows());
        // Four branches of a few shares each on nothing in common, asked about in turn.
        var tips = Enumerable.Range(1, 4).Select(branch => Line(forest, branch, 4)).ToList();
        foreach (var tip in tips)
        {
            var known = windows.Under(tip);
            Assert.Equal(new TransactionReference(1, 5), known.Find(tip.Share.Share.Info.Transactions!.New[5]));
            Assert.InRange(windows.HashesKept, 4 * AsManyAsFit, MostHashesKept);
        }
        var gathered = windows.Gathered;
        windows.Under(tips[3]);
        Assert.Equal(gathered, windows.Gathered);
        windows.Under(tips[0]);
        Assert.Equal(gathered + 1, windows.Gathered);

        var longest = Line(forest, 9, 20);
        Assert.NotNull(windows.Under(longest).Find(longest.Ancestor(19)!.Share.Share.Info.Transactions!.New[0]));
        Assert.InRange(windows.HashesKept, MostHashesKept, 4 * MostHashesKept);
        windows.Under(tips[3]);
        Assert.InRange(windows.HashesKept, 4 * AsManyAsFit, MostHashesKept);
    }

    [Fact]
    public void Room_OfTransactionsThatNoLongerCount_IsGivenBack()
    {
        var known = new KnownTransactions();
        for (var i = 0; i < 5; i++) known.Add(Share(i + 1, i, Hashes(AsManyAsFit, i + 1)).Share);
        Assert.InRange(known.Room, 5 * AsManyAsFit, 20 * AsManyAsFit);
        for (var i = 5; i < 5 + KnownTransactions.Ancestors; i++) known.Add(Share(i + 1, i, Hashes(3, i + 1)).Share);
        Assert.InRange(known.Room, 1, AsManyAsFit);
        Assert.NotNull(known.Find(Hashes(3, 104)[0]));
        Assert.Null(known.Find(Hashes(1, 5)[0]));
    }

    private static ShareNode Line(ShareForest forest, int branch, int count)
    {
        ShareNode tip = null!;
        for (var i = 0; i < count; i++)
        {
            var number = 1000 * branch + i;
            tip = forest.Add(Share(number, i == 0 ? 1_000_000 + branch : number - 1, Hashes(AsManyAsFit, number)));
        }
        return tip;
    }

    private static KnownShare Share(int number, int previous, ImmutableArray<Hash256> named)
    {
        var info = Pattern.Share.Info with { PreviousShare = MadeShare.Hash(previous), Transactions = new NamedTransactions(named, []) };
        return (Pattern with { Share = Pattern.Share with { Info = info }, Hash = MadeShare.Hash(number) }).SeenAt(0);
    }

    private static ImmutableArray<Hash256> Hashes(int count, int series) =>
        [.. Enumerable.Range(0, count).Select(i => Hash256.FromNumber(((ulong)series << 32) + (ulong)i))];
}
