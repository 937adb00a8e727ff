using System.Numerics;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>A share's place in a <see cref="ShareForest"/>.</summary>
/// <remarks>
/// Position and sums count from an origin that all shares of a tree have in common, so a missing parent can arrive below, and the oldest share
/// can go, without touching the others. A node whose position divides by 2^k may remember its ancestor 2^k below, which makes
/// <see cref="Ancestor"/> logarithmic. Such an ancestor never changes while both nodes stay where they are: a node that is moved to other
/// coordinates forgets its own, and one that left the forest is recognised by having no tree.
/// </remarks>
internal sealed class ShareNode(KnownShare share, ShareSums own, Payee payee) : IShareLine
{
    private const int HighestSkip = 12;

    private readonly List<ShareNode> _children = [];
    private ShareNode?[]? _skips;

    /// <summary>The share; another copy of it may take its place.</summary>
    public KnownShare Known { get; private set; } = share;

    public CheckedShare Share => Known.Share;

    public Hash256 Hash => Known.Share.Hash;

    /// <summary>Whom its work is counted for.</summary>
    public Payee Payee { get; } = payee;

    /// <summary>What this share alone adds to the sums.</summary>
    public ShareSums OwnSums { get; private set; } = own;

    /// <summary>The rule it was found to break for good; null when it was not judged yet, passed, or may pass later.</summary>
    public ShareRefusal? Refusal { get; set; }

    /// <summary>The parent, if it is in the forest.</summary>
    public ShareNode? Parent { get; private set; }

    public IReadOnlyList<ShareNode> Children => _children;

    /// <summary>The tree this node stands in; null once it left the forest.</summary>
    public ShareTree? Tree { get; private set; }

    /// <summary>One more than the parent's.</summary>
    public long Position { get; private set; }

    /// <summary>The parent's sums and this share's own.</summary>
    public ShareSums Sums { get; private set; }

    /// <summary>Shares from this one back to the oldest held, both included.</summary>
    public int Height => (int)(Position - Tree!.FirstPosition) + 1;

    /// <summary>The hash beyond the oldest held share: a missing parent, or zero when there is none.</summary>
    public Hash256 Tail => Tree!.Tail;

    /// <summary>Work from this share back to the oldest held, both included.</summary>
    public UInt256 Work => SumsToTail.Work;

    /// <summary>Sums from this share back to the oldest held, both included.</summary>
    public ShareSums SumsToTail => Sums - Tree!.SumsBelow;

    /// <summary>The share <paramref name="steps"/> above; null when that is beyond the oldest one held.</summary>
    public ShareNode? Ancestor(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (steps >= Height) return null;
        var target = Position - steps;
        var node = this;
        while (node.Position > target)
        {
            var largest = BitOperations.Log2((ulong)(node.Position - target));
            node = node.Skip(Math.Min(node.SkipLevels, largest));
        }
        return node;
    }

    /// <summary>The first share, from this one up, that would bring the work of those gone through above a limit; null when all fit.</summary>
    public ShareNode? FirstBeyond(UInt256 work)
    {
        var node = this;
        var highest = HighestSkip;
        while (true)
        {
            var level = Math.Min(highest, node.SkipLevels);
            // A jump that goes too far from here goes too far from everywhere above.
            while (level >= 0 && !(node.Height > 1 << level && WorkBelow(node.Skip(level)) <= work)) highest = --level;
            if (level < 0) break;
            node = node.Skip(level);
        }
        return UInt256.AddSaturating(WorkBelow(node), node.Share.Attempts) > work ? node : null;

        UInt256 WorkBelow(ShareNode ancestor) => UInt256.SubtractWrapping(Sums.Work, ancestor.Sums.Work);
    }

    /// <summary>This share and its ancestors, newest first, at most <paramref name="count"/>.</summary>
    public IEnumerable<ShareNode> Line(int count = int.MaxValue)
    {
        for (var node = this; node is not null && count > 0; node = node.Parent, count--) yield return node;
    }

    IEnumerable<CheckedShare> IShareLine.From(int steps, int count) => Ancestor(steps)?.Line(count).Select(node => node.Share) ?? [];

    /// <summary>Whether this is the other share or one of its ancestors.</summary>
    public bool IsAncestorOf(ShareNode other) =>
        Position <= other.Position && other.Ancestor((int)(other.Position - Position)) == this;

    /// <summary>Puts the node into a tree at these coordinates.</summary>
    public void Place(ShareTree tree, long position, ShareSums sums)
    {
        if (position != Position) _skips = null;
        (Tree, Position, Sums) = (tree, position, sums);
    }

    /// <summary>Makes it the place of another copy of the share, not judged yet; the sums are as they were.</summary>
    public void Become(KnownShare copy, ShareSums own) => (Known, OwnSums, Refusal) = (copy, own, null);

    public void Attach(ShareNode child)
    {
        child.Parent = this;
        _children.Add(child);
    }

    public void Detach(ShareNode child)
    {
        child.Parent = null;
        _children.Remove(child);
    }

    /// <summary>Takes the node out of its tree; its children, if any, lose their parent.</summary>
    public void Leave()
    {
        foreach (var child in _children) child.Parent = null;
        _children.Clear();
        (Tree, Parent, _skips) = (null, null, null);
    }

    private int SkipLevels => Position == 0 ? HighestSkip : Math.Min(HighestSkip, BitOperations.TrailingZeroCount(Position));

    // Asked only for ancestors that are held.
    private ShareNode Skip(int level)
    {
        if (level == 0) return Parent!;
        _skips ??= new ShareNode?[SkipLevels];
        if (_skips[level - 1] is { Tree: not null } known) return known;
        return _skips[level - 1] = Skip(level - 1).Skip(level - 1);
    }
}
