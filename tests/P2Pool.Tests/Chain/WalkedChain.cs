using System.Numerics;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>The evaluation of the specification, word for word on two dictionaries: what the fast chain must agree with.</summary>
internal sealed class WalkedChain(
    int chainLength, int deepestTail, HeadPreference preference, Func<Hash256, bool> isGood, Func<Hash256, int> relativeHeight)
{
    private readonly HashSet<Hash256> _failed = [];
    private List<Hash256> _ranked = [];

    /// <summary>The block our own work is for.</summary>
    public CurrentBlock? CurrentBlock { get; set; }

    public WalkedForest All { get; } = new();

    public WalkedForest Verified { get; } = new();

    public Hash256? Best { get; private set; }

    /// <summary>What is asked for, or may be.</summary>
    public Dictionary<Hash256, WalkedRequest> Requested { get; } = [];

    /// <summary>Nodes that sent what failed, of the last call.</summary>
    public HashSet<PeerEndpoint> BadOrigins { get; } = [];

    /// <summary>Shares judged for the first time by the last call, and whether they passed.</summary>
    public Dictionary<Hash256, bool> Judged { get; } = [];

    /// <summary>Those of them that solve a block.</summary>
    public HashSet<Hash256> Solved { get; } = [];

    /// <summary>Shares that went in the last call.</summary>
    public HashSet<Hash256> Removed { get; } = [];

    public void Add(IEnumerable<KnownShare> shares, DateTimeOffset now)
    {
        StartAnew();
        foreach (var share in shares)
            if (!All.Shares.ContainsKey(share.Share.Hash)) All.Add(share);
        Evaluate(now);
    }

    public void Prune(DateTimeOffset now)
    {
        StartAnew();
        Evaluate(now);
        for (var round = 0; round < 1000 && _ranked.Count > 0; round++)
        {
            var lost = All.Heads.Where(head => !_ranked.TakeLast(5).Contains(head.Share.Hash) && IsLost(head, now)).ToList();
            if (lost.Count == 0) break;
            lost.ForEach(Remove);
        }
        for (var round = 0; round < 1000; round++)
        {
            var deep = All.Heads
                .GroupBy(head => All.Tail(head.Share.Hash))
                .Where(heads => heads.All(head => All.Height(head.Share.Hash) >= deepestTail))
                .SelectMany(heads => All.Children(heads.Key))
                .ToList();
            if (deep.Count == 0) break;
            deep.ForEach(Remove);
        }
        Evaluate(now);
    }

    /// <summary>Where a peer may end its answer: every head, and the share ten below or the oldest.</summary>
    public HashSet<Hash256> RequestStops =>
        [.. All.Heads.SelectMany(head => new[] { head.Share.Hash, All.Line(head.Share.Hash).Take(11).Last().Share.Hash })];

    private void StartAnew()
    {
        BadOrigins.Clear();
        Judged.Clear();
        Solved.Clear();
        Removed.Clear();
    }

    private bool IsLost(KnownShare head, DateTimeOffset now)
    {
        if (now - head.SeenAt < TimeSpan.FromSeconds(300)) return false;
        if (Verified.Shares.ContainsKey(head.Share.Hash)) return true;
        return All.Children(All.Tail(head.Share.Hash)).All(above => now - above.SeenAt >= TimeSpan.FromSeconds(120));
    }

    private void Evaluate(DateTimeOffset now)
    {
        Requested.Clear();
        var bad = new List<KnownShare>();
        foreach (var head in All.Heads.Where(head => !Verified.Shares.ContainsKey(head.Share.Hash)).ToList())
        {
            var height = All.Height(head.Share.Hash);
            var tail = All.Tail(head.Share.Hash);
            var tries = tail.IsZero ? height : Math.Min(5, Math.Max(0, height - chainLength));
            var passed = false;
            foreach (var share in All.Line(head.Share.Hash).Take(tries).ToList())
            {
                passed = Verify(share);
                if (passed) break;
                bad.Add(share);
            }
            if (!passed && !tail.IsZero) Request(tail).Certain.Add(Newest(head, 5));
        }
        foreach (var share in bad)
        {
            if (share.From is { } origin) BadOrigins.Add(origin);
            Forget(share);
        }
        foreach (var (head, before) in Verified.Heads.Select(head => (head, Verified.Height(head.Share.Hash))).ToList())
        {
            var height = Verified.Height(head.Share.Hash);
            var last = Verified.Tail(head.Share.Hash);
            var want = Math.Max(chainLength - height, 0);
            var lastHeight = All.Height(last);
            var lastTail = All.Tail(last);
            var can = lastTail.IsZero ? lastHeight : Math.Max(lastHeight - 1 - chainLength, 0);
            foreach (var share in All.Line(last).Take(Math.Min(want, can)).ToList())
                if (!Verify(share))
                    break;
            if (before >= chainLength || lastTail.IsZero) continue;
            // What is verified below one head may be enough for the next, and nobody says in which order they come.
            for (var shares = Math.Min(5, before); shares <= 5; shares++) Request(lastTail).Possible.Add(Newest(head, shares));
        }
        Choose();
        var oldest = _ranked.Count == 0
            ? now.ToUnixTimeSeconds() - 86400
            : Math.Min(now.ToUnixTimeSeconds(), Verified.Shares[_ranked[^1]].Share.Share.Info.Timestamp) - 3600;
        foreach (var (hash, request) in Requested.ToList())
        {
            request.IsOptional = request.Least < oldest;
            if (request.Most < oldest) Requested.Remove(hash);
        }
    }

    private WalkedRequest Request(Hash256 tail)
    {
        if (!Requested.TryGetValue(tail, out var request)) Requested.Add(tail, request = new WalkedRequest());
        request.Senders.UnionWith(All.Children(tail).Select(child => child.From).OfType<PeerEndpoint>());
        return request;
    }

    private uint Newest(KnownShare head, int shares) => All.Line(head.Share.Hash).Take(shares).Max(share => share.Share.Share.Info.Timestamp);

    private bool Verify(KnownShare share)
    {
        var hash = share.Share.Hash;
        if (Verified.Shares.ContainsKey(hash)) return true;
        if (!All.Tail(hash).IsZero && All.Height(hash) < chainLength + 1) throw new InvalidOperationException("judged without enough ancestors");
        if (!isGood(hash))
        {
            if (_failed.Add(hash)) Judged[hash] = false;
            return false;
        }
        Judged[hash] = true;
        if (share.Share.SolvesBlock) Solved.Add(hash);
        Verified.Add(share);
        return true;
    }

    private void Choose()
    {
        var tails = Verified.Heads
            .GroupBy(head => Verified.Tail(head.Share.Hash))
            .Select(heads => (Tail: heads.Key, Score: Score(heads.MaxBy(head => (Verified.Work(head.Share.Hash), head.Share.Hash))!.Share.Hash)))
            .ToList();
        _ranked = tails.Count == 0 ? [] : Rank(tails.MaxBy(each => (each.Score, each.Tail)).Tail);
        Best = _ranked.Count == 0 ? null : _ranked[^1];
        if (Best is not { } best || preference != HeadPreference.CurrentBlock || !IsStale(Verified.Shares[best])) return;
        var parent = Verified.Shares[best].Share.PreviousShare;
        Best = All.Shares.ContainsKey(parent) ? parent : null;
    }

    private bool IsStale(KnownShare head)
    {
        var (header, block) = (head.Share.FullHeader, CurrentBlock);
        if (header.PreviousBlock == block?.Previous && header.Bits == block?.Bits) return false;
        return head.Share.Hash != block?.Previous && head.From is not null;
    }

    private List<Hash256> Rank(Hash256 tail) =>
    [
        .. Verified.Heads
            .Where(head => Verified.Tail(head.Share.Hash) == tail)
            .OrderBy(head =>
            {
                var share = head.Share;
                var counted = Verified.Work(Verified.Nth(share.Hash, Math.Min(5, Verified.Height(share.Hash))));
                if (preference == HeadPreference.CurrentBlock)
                {
                    var punished = IsStale(head) ? 1 : share.SolvesBlock ? -1 : 0;
                    return (counted, -punished, -head.SeenAt.UtcTicks, share.Hash);
                }
                return (share.SolvesBlock ? counted + share.Attempts : counted, share.SolvesBlock ? 1 : 0, -head.SeenAt.UtcTicks, share.Hash);
            })
            .Select(head => head.Share.Hash),
    ];

    private (int Height, double Rate) Score(Hash256 head)
    {
        var height = Verified.Height(head);
        if (height < chainLength) return (height, -1);
        var end = Verified.Nth(head, chainLength * 15 / 16);
        var latest = Verified.Line(end).Take(chainLength / 16).Max(share => relativeHeight(share.Share.FullHeader.PreviousBlock));
        var work = (BigInteger)0;
        foreach (var share in Verified.Line(head).TakeWhile(share => share.Share.Hash != end)) work += share.Share.Attempts.ToBigInteger();
        return (chainLength, (double)work / ((1 - latest) * 150.0));
    }

    private void Remove(KnownShare share)
    {
        if (Verified.Shares.ContainsKey(share.Share.Hash)) Verified.Remove(share);
        Forget(share);
    }

    private void Forget(KnownShare share)
    {
        if (!All.Remove(share)) return;
        Removed.Add(share.Share.Hash);
        _failed.Remove(share.Share.Hash);
    }
}

/// <summary>A missing parent as the specification has it asked for.</summary>
internal sealed class WalkedRequest
{
    /// <summary>The newest timestamp of each head that asks for it in any case.</summary>
    public HashSet<uint> Certain { get; } = [];

    /// <summary>Of each that asks for it, or does not since one before it did.</summary>
    public HashSet<uint> Possible { get; } = [];

    /// <summary>Every node that sent a child of it.</summary>
    public HashSet<PeerEndpoint> Senders { get; } = [];

    /// <summary>Whether it may be too old to be asked for.</summary>
    public bool IsOptional { get; set; }

    public uint Least => Certain.Count > 0 ? Certain.Max() : Possible.Min();

    public uint Most => Certain.Concat(Possible).Max();

    public bool Allows(uint newest) => newest >= Least && (Certain.Contains(newest) || Possible.Contains(newest));
}
