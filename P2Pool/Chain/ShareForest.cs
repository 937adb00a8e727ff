using System.Diagnostics.CodeAnalysis;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Shares by hash, joined to trees as their parents are known, whatever order they come in.</summary>
/// <remarks>
/// Height, tail and sums of a share are read off in constant time, an ancestor in logarithmic time. Adding and removing are constant too,
/// but for joining two trees, which moves the smaller one into the coordinates of the larger: n shares in the worst order cost n log n moves.
/// </remarks>
internal sealed class ShareForest
{
    private readonly Dictionary<Hash256, ShareNode> _nodes = [];
    private readonly Dictionary<Hash256, ShareTree> _trees = [];
    private readonly PayeeBook _payees = new();

    public int Count => _nodes.Count;

    /// <summary>Bytes on the wire of all of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>By tail.</summary>
    public IReadOnlyCollection<ShareTree> Trees => _trees.Values;

    public IEnumerable<ShareNode> Heads => _trees.Values.SelectMany(tree => tree.Heads);

    public IEnumerable<ShareNode> Nodes => _nodes.Values;

    public bool Contains(Hash256 hash) => _nodes.ContainsKey(hash);

    public ShareNode? Find(Hash256 hash) => _nodes.GetValueOrDefault(hash);

    public bool TryFind(Hash256 hash, [NotNullWhen(true)] out ShareNode? node) => _nodes.TryGetValue(hash, out node);

    public ShareTree? FindTree(Hash256 tail) => _trees.GetValueOrDefault(tail);

    /// <summary>Adds a share that is not held yet, below its waiting children and above its parent.</summary>
    public ShareNode Add(KnownShare share)
    {
        var node = new ShareNode(share, ShareSums.Of(share), _payees.Enter(share.Share));
        _nodes.Add(node.Hash, node);
        Bytes += node.OwnSums.Bytes;
        if (_nodes.TryGetValue(node.Share.PreviousShare, out var parent))
            AddAbove(parent, node);
        else
            AddRoot(node);
        if (_trees.Remove(node.Hash, out var waiting)) Join(node, waiting);
        return node;
    }

    /// <summary>Puts another copy of a share into its place, where it is to be judged anew, and so are those that were judged with the first copy as their parent.</summary>
    /// <param name="node">The place.</param>
    /// <param name="copy">A share of the same hash: it has the same parent, work and payee.</param>
    public void Replace(ShareNode node, KnownShare copy)
    {
        var own = ShareSums.Of(copy);
        var added = own - node.OwnSums;
        node.Become(copy, own);
        Bytes += added.Bytes;
        Move([node], 0, added, node.Tree!);
        node.Tree!.WaitsFor = null;
        foreach (var child in node.Children) child.Refusal = null;
    }

    /// <summary>Removes a head or a share directly above a tail; any other would leave a hole, and stays.</summary>
    /// <returns>Whether it was removed.</returns>
    public bool Remove(ShareNode node)
    {
        if (node.Children.Count == 0)
            RemoveHead(node);
        else if (node.Parent is null)
            RemoveRoot(node);
        else
            return false;
        _nodes.Remove(node.Hash);
        Bytes -= node.OwnSums.Bytes;
        _payees.Leave(node.Payee);
        return true;
    }

    private static void AddAbove(ShareNode parent, ShareNode node)
    {
        var tree = parent.Tree!;
        parent.Attach(node);
        node.Place(tree, parent.Position + 1, parent.Sums + node.OwnSums);
        tree.Heads.Remove(parent);
        tree.Heads.Add(node);
        tree.Size++;
        tree.WaitsFor = null;
    }

    private void AddRoot(ShareNode node)
    {
        var tail = node.Share.PreviousShare;
        if (!_trees.TryGetValue(tail, out var tree)) _trees.Add(tail, tree = new ShareTree(tail));
        node.Place(tree, tree.FirstPosition, tree.SumsBelow + node.OwnSums);
        tree.Roots.Add(node);
        tree.Heads.Add(node);
        tree.Size++;
        tree.WaitsFor = null;
    }

    // The roots of the waiting tree become children of the parent that they waited for.
    private void Join(ShareNode parent, ShareTree waiting)
    {
        var tree = parent.Tree!;
        var moved = parent.Position + 1 - waiting.FirstPosition;
        var added = parent.Sums - waiting.SumsBelow;
        var (roots, orphans) = (tree.Roots, waiting.Roots);
        tree.Heads.Remove(parent);

        ShareTree whole;
        if (waiting.Size <= tree.Size)
        {
            Move(orphans, moved, added, tree);
            tree.Heads.UnionWith(waiting.Heads);
            whole = tree;
        }
        else
        {
            Move(roots, -moved, default(ShareSums) - added, waiting);
            waiting.Heads.UnionWith(tree.Heads);
            waiting.Tail = tree.Tail;
            waiting.FirstPosition = tree.FirstPosition - moved;
            waiting.SumsBelow = tree.SumsBelow - added;
            waiting.Roots = roots;
            whole = waiting;
        }
        whole.Size = tree.Size + waiting.Size;
        whole.WaitsFor = null;
        foreach (var orphan in orphans) parent.Attach(orphan);
        _trees[whole.Tail] = whole;
    }

    private void RemoveHead(ShareNode node)
    {
        var tree = node.Tree!;
        var parent = node.Parent;
        tree.Heads.Remove(node);
        tree.Size--;
        if (parent is null)
            tree.Roots.Remove(node);
        else
            parent.Detach(node);
        if (parent is { Children.Count: 0 }) tree.Heads.Add(parent);
        if (tree.Size == 0) _trees.Remove(tree.Tail);
        tree.WaitsFor = null;
        node.Leave();
    }

    private void RemoveRoot(ShareNode node)
    {
        var tree = node.Tree!;
        List<ShareNode> children = [.. node.Children];
        if (tree.Roots.Count == 1)
        {
            _trees.Remove(tree.Tail);
            tree.Size--;
        }
        else
        {
            // The other roots keep the tail; what stood on this one has a tail of its own now, in the same coordinates.
            tree.Roots.Remove(node);
            var below = tree;
            tree = new ShareTree(node.Hash);
            Move(children, 0, default, tree);
            tree.Heads.UnionWith(below.Heads.Where(head => head.Tree == tree));
            below.Heads.ExceptWith(tree.Heads);
            tree.Size = Walk(children).Count();
            below.Size -= tree.Size + 1;
            below.WaitsFor = null;
        }
        tree.Tail = node.Hash;
        tree.FirstPosition = node.Position + 1;
        tree.SumsBelow = node.Sums;
        tree.Roots = children;
        tree.WaitsFor = null;
        _trees[tree.Tail] = tree;
        node.Leave();
    }

    private static void Move(IEnumerable<ShareNode> roots, long steps, ShareSums added, ShareTree tree)
    {
        foreach (var node in Walk(roots)) node.Place(tree, node.Position + steps, node.Sums + added);
    }

    /// <summary>These shares and all that stand on them, each before its children.</summary>
    /// <remarks>What a node's place is may change while it is walked, not whose child it is.</remarks>
    public static IEnumerable<ShareNode> Walk(IEnumerable<ShareNode> roots)
    {
        var open = new Stack<ShareNode>(roots);
        while (open.TryPop(out var node))
        {
            foreach (var child in node.Children) open.Push(child);
            yield return node;
        }
    }
}
