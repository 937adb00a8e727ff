using System.Collections.Immutable;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Collects what a call to the chain finds, until it is told as a <see cref="ChainChange"/>.</summary>
internal sealed class ChainFindings(int mostVerifications)
{
    private readonly Dictionary<Hash256, (ShareRefusal Reason, int Last)> _refused = [];
    private readonly OrderedDictionary<Hash256, MissingParent> _missing = [];
    private readonly HashSet<PeerEndpoint> _badOrigins = [];
    private readonly HashSet<Hash256> _unknownBlocks = [];
    private int _refusals;

    /// <summary>Refused shares in the order in which they were met the last time: each behind all refused ones that build on it.</summary>
    public IEnumerable<Hash256> Refused => _refused.OrderBy(each => each.Value.Last).Select(each => each.Key);

    /// <summary>Shares judged, in that order.</summary>
    public List<SettledShare> Settled { get; } = [];

    public List<KnownShare> Solved { get; } = [];

    public List<KnownShare> Removed { get; } = [];

    /// <summary>Whether verification stopped because the call has done its share of it.</summary>
    public bool IsUnfinished { get; private set; }

    /// <summary>Whether one more share may be verified in this call.</summary>
    public bool MayVerify()
    {
        if (mostVerifications-- > 0) return true;
        IsUnfinished = true;
        return false;
    }

    public void Refuse(ShareNode node, ShareRefusal refusal)
    {
        _refused[node.Hash] = (refusal, _refusals++);
        if (node.Known.From is { } origin) _badOrigins.Add(origin);
    }

    /// <summary>Why a share was refused; null when it was not.</summary>
    public ShareRefusal? RefusalOf(Hash256 share) => _refused.TryGetValue(share, out var refused) ? refused.Reason : null;

    /// <summary>Forgets that a share was refused: another copy of it is to be judged. Whoever sent the first is named all the same.</summary>
    public void Retry(Hash256 share) => _refused.Remove(share);

    public void Miss(MissingParent parent)
    {
        if (_missing.TryGetValue(parent.Hash, out var known) && known.NewestTimestamp >= parent.NewestTimestamp) return;
        _missing[parent.Hash] = parent;
    }

    /// <summary>Forgets what is missing: a later evaluation finds it anew.</summary>
    public void StartAnew() => _missing.Clear();

    public void NotKnow(Hash256 block) => _unknownBlocks.Add(block);

    public ChainChange Tell(ImmutableArray<ShareOutcome> outcomes, KnownShare? newBest, long requestCutoff) => new(
        outcomes,
        Later(outcomes),
        newBest,
        [.. _missing.Values.Where(missing => missing.NewestTimestamp >= requestCutoff)],
        [.. _badOrigins],
        [.. Solved],
        [.. Removed],
        [.. _unknownBlocks],
        IsUnfinished);

    private ImmutableArray<SettledShare> Later(ImmutableArray<ShareOutcome> outcomes)
    {
        if (Settled.Count == 0) return [];
        var told = outcomes.Where(outcome => outcome.Verdict != ShareVerdict.AlreadyKnown).Select(outcome => outcome.Hash).ToHashSet();
        return [.. Settled.Where(settled => !told.Contains(settled.Share.Share.Hash))];
    }
}
