using System.Runtime.InteropServices;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <content>What is forgotten, and when.</content>
public sealed partial class ShareChain
{
    private const int HeadsAlwaysKept = 5;
    private const int MostRounds = 1000;
    private const int BytesForAShare = 2048;
    private const int MostLoadsBeforeBest = 4;

    private static readonly TimeSpan HeadKept = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan WaitingChainKept = TimeSpan.FromSeconds(120);

    /// <summary>Most shares held, whatever is sent and however long the chain grows: six chain lengths and 1000 besides.</summary>
    /// <remarks>
    /// Two chain lengths are the chain itself, two leave room for another one to be fetched, the rest is for forks. Beyond that go, in this order:
    /// shares deeper than pruning leaves them; trees of which nothing is verified, the smallest first, but never the largest; heads, unverified
    /// ones first, those with the least work behind them first; of the five best heads those that hold up the tail. The best one always stays.
    /// </remarks>
    public int MaximumShares => 6 * _network.ChainLength + 1000;

    /// <summary>Most bytes, as on the wire, of the shares held besides the best one and its ancestors: 2 KB for each of <see cref="MaximumShares"/>.</summary>
    /// <remarks>
    /// Several times what honest shares take, but a share may be as long as a message, for no more than the least work. Beyond it go the longest
    /// shares, each with what stands on it. The best chain does not count: however long its shares are, all nodes build on it, and each cost what a
    /// share costs. While there is none, the longest chain held stands for it: that may be the one being fetched. But nobody has built on that one yet,
    /// so it must not take more than <see cref="MaximumBytesBeforeBest"/>.
    /// </remarks>
    public long MaximumBytesBeside => (long)BytesForAShare * MaximumShares;

    /// <summary>Most bytes of a chain that stands for the best one while there is none: four times <see cref="MaximumBytesBeside"/>.</summary>
    /// <remarks>More than ten times what the longest honest chain takes. A longer one counts as any other shares do, and the longest within this stands for the best.</remarks>
    public long MaximumBytesBeforeBest => MostLoadsBeforeBest * MaximumBytesBeside;

    // On the public network the first term decides. On one with a very short chain the next share's far ancestor must still be held.
    private int DeepestTail => Math.Max(
        2 * _network.ChainLength + 10, Math.Max(_network.TargetLookbehind, NetworkParameters.FarShareDistance) + 10);

    /// <summary>Forgets heads that lost and shares that are too old, then chooses anew. To be called every few seconds. Spec: pruning.</summary>
    public ChainChange Prune(DateTimeOffset now)
    {
        var findings = new ChainFindings(MostVerifications);
        var newBest = Evaluate(findings, now);
        if (findings.IsUnfinished) return findings.Tell([], newBest, RequestCutoff(now));
        if (!_bestHeads.IsEmpty) DropHeads(findings, now);
        DropTails(findings);
        newBest = Evaluate(findings, now) ?? newBest;
        return findings.Tell([], newBest, RequestCutoff(now));
    }

    private HashSet<Hash256> HeadsToKeep() => [.. _bestHeads.Select(head => head.Hash)];

    private void DropHeads(ChainFindings findings, DateTimeOffset now)
    {
        var keep = HeadsToKeep();
        var old = new Dictionary<ShareTree, bool>();
        var heads = _all.Heads.ToList();
        for (var round = 0; round < MostRounds; round++)
        {
            SharesLookedAt += heads.Count;
            var lost = heads.Where(head => !keep.Contains(head.Hash) && IsLost(head, now, old)).ToList();
            if (lost.Count == 0) return;
            // No head that stayed is lost by what happens to others: a root that goes was seen earlier than any that makes a tree count as young.
            heads = [.. lost.Select(head => head.Parent).OfType<ShareNode>().Distinct()];
            foreach (var head in lost) Remove(head, findings);
            heads.RemoveAll(parent => parent.Children.Count > 0);
        }
    }

    private bool IsLost(ShareNode head, DateTimeOffset now, Dictionary<ShareTree, bool> old) =>
        head.Known.SeenAt <= now - HeadKept && (IsVerified(head) || IsOld(head.Tree!, now, old));

    // Whether the newest root was seen long ago; asked once of each tree, however many heads it has.
    private bool IsOld(ShareTree tree, DateTimeOffset now, Dictionary<ShareTree, bool> old)
    {
        ref var answer = ref CollectionsMarshal.GetValueRefOrAddDefault(old, tree, out var known);
        if (known) return answer;
        SharesLookedAt += tree.Roots.Count;
        return answer = tree.Roots.Max(root => root.Known.SeenAt) <= now - WaitingChainKept;
    }

    // A tail goes up only when every head over it stands high enough, so one old fork that is still kept holds up the whole chain.
    private void DropTails(ChainFindings findings)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var deep = _all.Trees.Where(tree => tree.Heads.All(head => head.Height >= DeepestTail)).SelectMany(tree => tree.Roots).ToList();
            if (deep.Count == 0) return;
            foreach (var root in deep) Remove(root, findings);
        }
    }

    /// <summary>What <see cref="MaximumBytesBeside"/> limits.</summary>
    internal long BytesBeside => BytesBesideOf(Spared);

    private ShareNode? Spared =>
        _best ?? _all.Heads.Where(head => head.SumsToTail.Bytes <= MaximumBytesBeforeBest).MaxBy(head => head.Height);

    private long BytesBesideOf(ShareNode? spared) => _all.Bytes - (spared?.SumsToTail.Bytes ?? 0);

    // Whether anything had to go.
    private bool MakeRoom(ChainFindings findings)
    {
        if (_all.Count <= MaximumShares && (_all.Bytes <= MaximumBytesBeside || BytesBeside <= MaximumBytesBeside)) return false;
        DropTails(findings);
        DropLongest(findings);
        foreach (var tree in WaitingTrees())
        {
            if (_all.Count <= MaximumShares) break;
            Drop(tree, findings);
        }
        DropLeastHeads(HeadsToKeep(), findings);
        DropLeastHeads(_best is null ? [] : [_best.Hash], findings);
        DropTails(findings);
        return true;
    }

    private void DropLongest(ChainFindings findings)
    {
        var spared = Spared;
        if (BytesBesideOf(spared) <= MaximumBytesBeside) return;
        var others = spared is null ? _all.Nodes : _all.Nodes.Where(node => !node.IsAncestorOf(spared));
        foreach (var node in others.OrderByDescending(node => node.OwnSums.Bytes).ToList())
        {
            if (BytesBesideOf(spared) <= MaximumBytesBeside) return;
            // Some went with what they stood on.
            if (node.Tree is null) continue;
            foreach (var descendant in ShareForest.Walk([node]).Reverse()) Remove(descendant, findings);
        }
    }

    // Those without a verified share, the smallest first, and without the largest tree of all: that may be the chain being fetched.
    private List<ShareTree> WaitingTrees()
    {
        var connected = _verified.Trees.Select(tree => _all.Find(tree.Heads.First().Hash)!.Tree).ToHashSet();
        var largest = _all.Trees.MaxBy(tree => tree.Size);
        return [.. _all.Trees.Where(tree => tree != largest && !connected.Contains(tree)).OrderBy(tree => tree.Size)];
    }

    private void Drop(ShareTree tree, ChainFindings findings)
    {
        while (tree.Size > 0) Remove(tree.Heads.First(), findings);
    }

    private void DropLeastHeads(HashSet<Hash256> keep, ChainFindings findings)
    {
        while (_all.Count > MaximumShares)
        {
            var least = _all.Heads
                .Where(head => !keep.Contains(head.Hash))
                .OrderBy(head => (IsVerified(head), head.Work))
                .Take(_all.Count - MaximumShares)
                .ToList();
            if (least.Count == 0) return;
            foreach (var head in least) Remove(head, findings);
        }
    }
}
