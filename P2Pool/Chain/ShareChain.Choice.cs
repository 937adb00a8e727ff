using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <content>Which share to build on. Spec: best.</content>
public sealed partial class ShareChain
{
    /// <summary>The block our own work is for, null when unknown; on networks that pass over heads on another block. Evaluate anew after a change.</summary>
    /// <remarks>
    /// While it is null, every head that another node sent counts as one on another block, and its parent is built on. Whoever makes work on a network
    /// of <see cref="HeadPreference.CurrentBlock"/> has to set it for every template, before the chain is asked for its best share.
    /// </remarks>
    public CurrentBlock? CurrentBlock
    {
        get => _ranking.CurrentBlock;
        set => _ranking.CurrentBlock = value;
    }

    /// <summary>All verified heads over the best tail as they rank now, the best one at the end.</summary>
    internal IEnumerable<HeadRank> RankedHeads => BestTree(new ChainFindings(0)) is { } tree ? tree.Heads.Select(_ranking.Of).Order() : [];

    /// <summary>The best of them as they were chosen last.</summary>
    internal IEnumerable<HeadRank> BestHeads => _bestHeads.Select(_ranking.Of);

    /// <summary>Scores of the verified tails.</summary>
    internal IEnumerable<(Hash256 Tail, ChainScore Score)> Scores => _verified.Trees.Select(tree => (tree.Tail, Score(tree, new ChainFindings(0))));

    // The choice, and with it the heads that pruning asks for. Answers the new best if it is another than before.
    private KnownShare? ChooseBest(ChainFindings findings)
    {
        var tree = BestTree(findings);
        _bestHeads = tree is null ? [] : BestOf(tree.Heads);
        var best = _bestHeads.IsEmpty ? null : _all.Find(ToBuildOn(_bestHeads[^1]));
        if (best == _best) return null;
        _best = best;
        return best?.Known;
    }

    // The last in the order of ranks; nobody asks for that of the others, and there may be very many.
    private ImmutableArray<ShareNode> BestOf(IEnumerable<ShareNode> heads)
    {
        var best = new List<(HeadRank Rank, ShareNode Head)>(HeadsAlwaysKept + 1);
        foreach (var head in heads)
        {
            var rank = _ranking.Of(head);
            var place = best.Count;
            while (place > 0 && rank.CompareTo(best[place - 1].Rank) < 0) place--;
            if (place == 0 && best.Count == HeadsAlwaysKept) continue;
            best.Insert(place, (rank, head));
            if (best.Count > HeadsAlwaysKept) best.RemoveAt(0);
        }
        return [.. best.Select(each => each.Head)];
    }

    // One step down from a head that is not to be built on, wherever that leads.
    private Hash256 ToBuildOn(ShareNode head) => _ranking.Of(head).Merit < 0 ? head.Share.PreviousShare : head.Hash;

    private ShareTree? BestTree(ChainFindings findings) =>
        _verified.Trees.Count < 2
            ? _verified.Trees.FirstOrDefault()
            : _verified.Trees.MaxBy(tree => (Score(tree, findings), tree.Tail));

    // The rate of the newest 15/16 of the chain length, in hashes per block: of the shares before, the latest block is the start of the clock.
    private ChainScore Score(ShareTree tree, ChainFindings findings)
    {
        var head = tree.Heads.MaxBy(head => (head.Work, head.Hash))!;
        var length = _network.ChainLength;
        if (head.Height < length) return new ChainScore(head.Height, UInt256.Zero, 0);
        var end = head.Ancestor(length * 15 / 16)!;
        var latest = end.Line(length / 16).Max(node => RelativeHeight(node.Share.FullHeader.PreviousBlock, findings));
        return new ChainScore(length, UInt256.SubtractWrapping(head.Sums.Work, end.Sums.Work), 1 - latest);
    }

    // At most 0. A block whose height is not known yet counts as the very first one.
    private int RelativeHeight(Hash256 block, ChainFindings findings)
    {
        var height = _heights.HeightOf(block);
        if (height is null) findings.NotKnow(block);
        return Math.Min(0, (height ?? 0) - _heights.BestHeight);
    }
}
