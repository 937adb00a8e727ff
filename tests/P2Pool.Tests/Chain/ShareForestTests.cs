using CsCheck;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>
/// The forest against a dictionary that answers by walking: random trees with known, missing and no parents, whose shares come and go in
/// random order, and may come back.
/// </summary>
public class ShareForestTests
{
    private const int MostShares = 48;
    private const int MissingParents = 1000;

    private static readonly Gen<KnownShare[]> Shares =
        from shape in Gen.Select(Gen.Int[-3, MostShares], Gen.Int[0, 3], Gen.Int[0, 7], Gen.Int[0, 7]).Array[1, MostShares]
        select shape.Select((each, i) => MadeShare.Of(i + 1, Parent(i, each.Item1, each.Item2), each.Item3, each.Item4)).ToArray();

    private static readonly Gen<(KnownShare[] Shares, int[] Steps)> Cases =
        from shares in Shares
        from steps in Gen.Int[0, shares.Length - 1].Array[1, 3 * MostShares]
        select (shares, steps);

    [Fact]
    public void RandomShares_ComingAndGoing_AnswerLikeTheWalk() => Cases.Sample(Compare, iter: 200);

    [Fact]
    public void LongChain_AddedFromHeadToFirst_FindsEveryAncestor()
    {
        const int Length = 3000;
        var forest = new ShareForest();
        for (var i = Length; i > 0; i--) forest.Add(MadeShare.Of(i, i - 1));
        var head = forest.Find(MadeShare.Hash(Length))!;
        Assert.Equal(Length, head.Height);
        for (var n = 0; n < Length; n++) Assert.Equal(MadeShare.Hash(Length - n), head.Ancestor(n)?.Hash);
        Assert.Null(head.Ancestor(Length));
    }

    [Fact]
    public void RemovedOldestShare_ComesBack_IsFoundAgain()
    {
        var forest = new ShareForest();
        for (var i = 1; i <= 300; i++) forest.Add(MadeShare.Of(i, i - 1));
        var head = forest.Find(MadeShare.Hash(300))!;
        for (var n = 0; n < 300; n++) head.Ancestor(n);
        for (var i = 1; i <= 200; i++) Assert.True(forest.Remove(forest.Find(MadeShare.Hash(i))!));
        for (var i = 200; i >= 1; i--) forest.Add(MadeShare.Of(i, i - 1));
        for (var n = 0; n < 300; n++) Assert.Same(forest.Find(MadeShare.Hash(300 - n)), head.Ancestor(n));
    }

    [Fact]
    public void SharesBesideALine_AreNoAncestorsOfItsHead()
    {
        var forest = new ShareForest();
        // 1 - 2 - 4 and, beside it, 1 - 3; 6 stands in a tree of its own, at the same place as 1.
        foreach (var (share, parent) in new[] { (1, 0), (2, 1), (3, 1), (4, 2), (6, 5) }) forest.Add(MadeShare.Of(share, parent));
        var head = forest.Find(MadeShare.Hash(4))!;
        Assert.Equal([true, true, false, true, false], new[] { 1, 2, 3, 4, 6 }.Select(share => forest.Find(MadeShare.Hash(share))!.IsAncestorOf(head)));
    }

    [Fact]
    public void ShareThatGoes_TakesItsBytesAndItsPayeeAlong()
    {
        var forest = new ShareForest();
        var node = forest.Add(MadeShare.Of(1, 0, address: "VoNdwM7b6XSmH5L2geRfAzo1gP7n5A13AQ"));
        Assert.Equal(node.Share.WireBytes.Length, forest.Bytes);
        Assert.True(forest.Remove(node));
        Assert.Equal((0, 0L), (forest.Count, forest.Bytes));
        // Its place is free for another.
        Assert.Equal(node.Payee.Slot, forest.Add(MadeShare.Of(2, 0, address: "31h38a54tFMrR8kzBnP2241MFD2EUHtGha")).Payee.Slot);
    }

    private static int Parent(int index, int parent, int missing) => parent switch
    {
        -1 => 0,
        < 0 => MissingParents + missing,
        // Mostly the one before, so that chains get long; now and then any earlier one.
        _ when parent < index => parent % 4 == 0 ? parent + 1 : index,
        _ => index,
    };

    private static void Compare((KnownShare[] Shares, int[] Steps) given)
    {
        var forest = new ShareForest();
        var walk = new WalkedForest();
        foreach (var step in given.Steps)
        {
            var share = given.Shares[step];
            if (forest.Find(share.Share.Hash) is { } held)
            {
                Assert.Equal(walk.Remove(share), forest.Remove(held));
            }
            else
            {
                walk.Add(share);
                forest.Add(share);
            }
            CompareAll(forest, walk);
        }
    }

    private static void CompareAll(ShareForest forest, WalkedForest walk)
    {
        Assert.Equal(walk.Shares.Count, forest.Count);
        foreach (var share in walk.Shares.Values)
        {
            var node = forest.Find(share.Share.Hash)!;
            var line = walk.Line(share.Share.Hash).ToList();
            Assert.Equal(line.Count, node.Height);
            Assert.Equal(line[^1].Share.PreviousShare, node.Tail);
            Assert.Equal(line.Aggregate(UInt256.Zero, (sum, each) => sum + each.Share.Attempts), node.Work);
            Assert.Equal(line.Aggregate(UInt256.Zero, (sum, each) => sum + each.Share.MaxTargetAttempts), node.SumsToTail.MaxTargetWork);
            Assert.Equal(line, node.Line().Select(each => each.Known));
            for (var n = 0; n < line.Count; n++)
            {
                var ancestor = node.Ancestor(n)!;
                Assert.Equal(line[n].Share.Hash, ancestor.Hash);
                Assert.True(ancestor.IsAncestorOf(node));
                Assert.Equal(n == 0, node.IsAncestorOf(ancestor));
            }
            Assert.Null(node.Ancestor(line.Count));
            Assert.Equal(Ordered(walk.Children(share.Share.Hash)), Ordered(node.Children.Select(child => child.Known)));
        }

        Assert.Equal(Ordered(walk.Heads), Ordered(forest.Heads.Select(head => head.Known)));
        var byTail = walk.Shares.Values.ToLookup(share => walk.Line(share.Share.Hash).Last().Share.PreviousShare);
        Assert.Equal(byTail.Select(each => each.Key).Order(), forest.Trees.Select(tree => tree.Tail).Order());
        foreach (var tree in forest.Trees)
        {
            Assert.Same(tree, forest.FindTree(tree.Tail));
            Assert.Equal(byTail[tree.Tail].Count(), tree.Size);
            Assert.Equal(Ordered(byTail[tree.Tail].Where(share => share.Share.PreviousShare == tree.Tail)), Ordered(tree.Roots.Select(root => root.Known)));
            Assert.Equal(Ordered(byTail[tree.Tail].Intersect(walk.Heads)), Ordered(tree.Heads.Select(head => head.Known)));
        }
    }

    private static IEnumerable<Hash256> Ordered(IEnumerable<KnownShare> shares) => shares.Select(share => share.Share.Hash).Order();
}
