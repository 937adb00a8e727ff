using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>The share chain of a network: every share held, which of them are in order, and which one to build on.</summary>
/// <remarks>
/// <para>One caller at a time. It has no clock and asks nobody: the time is an argument, block heights come from a look-up that must answer
/// at once. The same shares in another order lead to the same chain, but for the choice between equals, where the first seen wins.</para>
/// <para>Shares are verified lazily, as the legacy nodes do it: a share is judged once it is complete to the chain's first share, or has
/// <see cref="NetworkParameters.ChainLength"/> ancestors, and only down to that depth below a head. What is read from a store is verified in the same
/// way by the first evaluation after it; a stored "verified" mark would be the word of an earlier program.</para>
/// </remarks>
public sealed partial class ShareChain
{
    private const int StopDistance = 10;
    private const int MostSiblingsOfDeadShare = 4;

    private readonly NetworkParameters _network;
    private readonly IParentHeights _heights;
    private readonly ShareContexts _contexts;
    private readonly HeadRanking _ranking;
    private readonly Func<ShareNode, DateTimeOffset, ShareRefusal?> _judge;
    private readonly ShareForest _all = new();
    private readonly ShareForest _verified = new();
    private readonly OwnShares _own = new();
    private ImmutableArray<ShareNode> _bestHeads = [];
    private ShareNode? _best;

    /// <summary>An empty chain.</summary>
    public ShareChain(NetworkParameters network, IParentHeights heights)
    {
        _network = network;
        _heights = heights;
        _contexts = new ShareContexts(network);
        _ranking = new HeadRanking(network.HeadPreference);
        var rules = new ShareVerification(network);
        var coinbase = new ByteWriter();
        _judge = (node, now) =>
        {
            var share = node.Share;
            var parent = node.Parent is null ? null : _contexts.View(node.Parent);
            return rules.VerifyFields(share, parent, now.ToUnixTimeSeconds())
                ?? ShareVerification.VerifyCoinbase(share, _contexts.Plan(node.Parent, share.Share.Header.Bits, share.Share.Info.Subsidy), coinbase);
        };
    }

    /// <summary>A chain that judges shares in another way, for tests of what does not depend on the rules.</summary>
    internal ShareChain(NetworkParameters network, IParentHeights heights, Func<ShareNode, DateTimeOffset, ShareRefusal?> judge)
        : this(network, heights) => _judge = judge;

    /// <summary>Shares verified in one call at most. Unlimited unless said otherwise; whoever has others waiting sets a limit.</summary>
    /// <remarks>
    /// Of a share that fails for good this is remembered, so it is counted once. A first download makes thousands verifiable at once. Whoever sees <see cref="ChainChange.IsUnfinished"/> calls <see cref="Evaluate(DateTimeOffset)"/>
    /// again when others had their turn. Until it is finished no best share is chosen and nothing is pruned.
    /// </remarks>
    public int MostVerifications { get; set; } = int.MaxValue;

    /// <summary>Shares held.</summary>
    public int Count => _all.Count;

    /// <summary>Those of them that passed verification.</summary>
    public int VerifiedCount => _verified.Count;

    /// <summary>The share to build on; null when no chain is long enough yet.</summary>
    public KnownShare? Best => _best?.Known;

    /// <summary>Shares from the best one back to the oldest held; 0 without a best.</summary>
    public int Height => _best?.Height ?? 0;

    /// <summary>The greatest height that a share without a child claims, verified or not; 0 when there is none.</summary>
    public uint NewestHeight => _all.Heads.Select(head => head.Share.Share.Info.AbsoluteHeight).DefaultIfEmpty().Max();

    /// <summary>Shares without a child.</summary>
    public ImmutableArray<Hash256> Heads => [.. _all.Heads.Select(head => head.Hash)];

    /// <summary>Verified shares without a verified child.</summary>
    public ImmutableArray<Hash256> VerifiedHeads => [.. _verified.Heads.Select(head => head.Hash)];

    /// <summary>Missing parents; zero stands for chains held to their first share.</summary>
    public ImmutableArray<Hash256> Tails => [.. _all.Trees.Select(tree => tree.Tail)];

    /// <summary>Parents of the oldest verified shares; zero stands for chains verified to their first share.</summary>
    public ImmutableArray<Hash256> VerifiedTails => [.. _verified.Trees.Select(tree => tree.Tail)];

    /// <summary>How our own shares fared.</summary>
    public OwnShareCounts OwnShares => _own.Counts(_best);

    /// <summary>Figures about the best chain; null when there is none.</summary>
    /// <remarks>Good until the next change of the chain.</remarks>
    public ChainStatistics? Statistics => _best is null ? null : new ChainStatistics(_network, _best);

    /// <summary>A share that is held, or null.</summary>
    public KnownShare? Find(Hash256 hash) => _all.Find(hash)?.Known;

    /// <summary>Whether a share is held and passed verification.</summary>
    public bool IsVerified(Hash256 hash) => _verified.Contains(hash);

    /// <summary>Shares built directly on this one.</summary>
    public ImmutableArray<Hash256> ChildrenOf(Hash256 hash) =>
        _all.TryFind(hash, out var node) ? [.. node.Children.Select(child => child.Hash)] : [.. Roots(hash)];

    /// <summary>A share and its ancestors, newest first, as far as they are held. Enumerate it before the chain changes.</summary>
    /// <param name="hash">Where to begin; unknown gives nothing.</param>
    /// <param name="count">Most shares to give.</param>
    public IEnumerable<KnownShare> Line(Hash256 hash, int count) =>
        _all.TryFind(hash, out var node) ? node.Line(count).Select(ancestor => ancestor.Known) : [];

    /// <summary>Shares at which a peer may end its answer to a request for ancestors: every head, and a share a little below each.</summary>
    /// <param name="most">Most to name; which ones are left out beyond that makes no difference to the rules.</param>
    public ImmutableArray<Hash256> RequestStops(int most = 100) =>
    [
        .. _all.Heads
            .SelectMany(head => new[] { head.Hash, head.Ancestor(Math.Min(head.Height - 1, StopDistance))!.Hash })
            .Distinct()
            .Take(most),
    ];

    /// <summary>Adds shares and chooses the best one anew. Idempotent by hash.</summary>
    /// <remarks>
    /// A hash does not cover all that a verdict depends on. A share that is held and was refused, or whose child was, gives way to another copy
    /// of it (<see cref="IsAnotherCopy"/>), so that whoever spoils one on its way does not keep the good one out; what was verified stays.
    /// Of several copies in one call the first is tried and, when that is refused, the next one that differs.
    /// </remarks>
    /// <param name="shares">In any order; parents may be missing, now or for ever.</param>
    /// <param name="now">The time by which share timestamps and ages are judged.</param>
    public ChainChange Add(IReadOnlyList<KnownShare> shares, DateTimeOffset now)
    {
        var findings = new ChainFindings(MostVerifications);
        var taken = new Dictionary<Hash256, KnownShare>(shares.Count);
        var copies = new Dictionary<Hash256, KnownShare>();
        foreach (var share in shares)
        {
            var hash = share.Share.Hash;
            if (!taken.TryGetValue(hash, out var first))
            {
                if (TakeIn(share)) taken.Add(hash, share);
            }
            else if (IsAnotherCopy(first.Share, share.Share))
            {
                copies.TryAdd(hash, share);
            }
        }
        var newBest = Evaluate(findings, now);
        var replaced = Replace(copies, findings);
        if (replaced.Count > 0) newBest = Evaluate(findings, now) ?? newBest;
        if (MakeRoom(findings)) newBest = Evaluate(findings, now) ?? newBest;

        var outcomes = ImmutableArray.CreateBuilder<ShareOutcome>(shares.Count);
        foreach (var share in shares)
        {
            var hash = share.Share.Hash;
            if (replaced.TryGetValue(hash, out var refusal) && taken.Remove(hash))
                outcomes.Add(Outcome(share, ShareVerdict.Refused, refusal));
            else if (taken.Remove(hash) || ReferenceEquals(share, copies.GetValueOrDefault(hash)) && replaced.Remove(hash))
                outcomes.Add(Outcome(share, findings));
            else
                outcomes.Add(Outcome(share, ShareVerdict.AlreadyKnown, null));
        }
        return findings.Tell(outcomes.MoveToImmutable(), newBest, RequestCutoff(now));
    }

    /// <summary>Chooses the best share anew with what is held: when block heights became known, or time went by.</summary>
    public ChainChange Evaluate(DateTimeOffset now) => Add([], now);

    /// <summary>Whether two shares of the same hash may be judged differently.</summary>
    /// <remarks>
    /// The hash covers neither the type nor the branch of full hashes, and that branch is looked at only where shares name transactions.
    /// Other copies of a share differ in nothing that a rule reads. Spec: share 3.3.
    /// </remarks>
    private static bool IsAnotherCopy(CheckedShare one, CheckedShare other) =>
        one.Share.Version != other.Share.Version
        || one.Share.Info.Transactions is not null && !one.Share.FullHashBranch.AsSpan().SequenceEqual(other.Share.FullHashBranch.AsSpan());

    // Whether the share counts as new: it was not held, or stands in for a refused copy now.
    private bool TakeIn(KnownShare share)
    {
        if (!_all.TryFind(share.Share.Hash, out var held))
        {
            _own.Count(share);
            if (!HasEnoughSiblings(share)) _all.Add(share);
            return true;
        }
        if (!MayGiveWay(held) || !IsAnotherCopy(held.Share, share.Share)) return false;
        _own.Count(share);
        _all.Replace(held, share);
        return true;
    }

    // A wrong type may also show in a child that was refused for it, before the share itself is judged.
    private bool MayGiveWay(ShareNode held) =>
        held.Refusal is not null || !IsVerified(held) && held.Children.Any(child => child.Refusal is not null);

    // Takes in those whose first copy of this call was refused, and answers why it was.
    private Dictionary<Hash256, ShareRefusal> Replace(Dictionary<Hash256, KnownShare> copies, ChainFindings findings)
    {
        var replaced = new Dictionary<Hash256, ShareRefusal>();
        foreach (var (hash, copy) in copies)
        {
            var refusal = findings.RefusalOf(hash) ?? _all.Find(hash)?.Refusal;
            if (refusal is null || !TakeIn(copy)) continue;
            findings.Retry(hash);
            replaced.Add(hash, refusal.Value);
        }
        return replaced;
    }

    private ShareOutcome Outcome(KnownShare share, ChainFindings findings)
    {
        var hash = share.Share.Hash;
        if (findings.RefusalOf(hash) is { } refusal) return Outcome(share, ShareVerdict.Refused, refusal);
        var verdict = _verified.Contains(hash) ? ShareVerdict.Verified : _all.Contains(hash) ? ShareVerdict.Held : ShareVerdict.NotKept;
        return Outcome(share, verdict, null);
    }

    private ShareOutcome Outcome(KnownShare share, ShareVerdict verdict, ShareRefusal? refusal)
    {
        var (hash, parent) = (share.Share.Hash, share.Share.PreviousShare);
        return new ShareOutcome(hash, verdict, refusal, !parent.IsZero && !_all.Contains(parent));
    }

    // Dead shares only tell the pool of lost work; a few on one parent are enough for that.
    private bool HasEnoughSiblings(KnownShare share) =>
        share is { Own: true, Dead: true } && ChildrenOf(share.Share.PreviousShare).Length >= MostSiblingsOfDeadShare;

    private IEnumerable<Hash256> Roots(Hash256 tail) => _all.FindTree(tail) is { } tree ? tree.Roots.Select(root => root.Hash) : [];
}
