using System.Numerics;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>The evaluation of the specification, word for word on two dictionaries: what the fast chain must agree with.</summary>
internal sealed class WalkedChain(int chainLength, int deepestTail, Func<Hash256, bool> isGood, Func<Hash256, int> relativeHeight)
{
    private List<Hash256> _ranked = [];

    public WalkedForest All { get; } = new();

    public WalkedForest Verified { get; } = new();

    public Hash256? Best { get; private set; }

    public HashSet<Hash256> Requested { get; } = [];

    public HashSet<PeerEndpoint> BadOrigins { get; } = [];

    public void Add(IEnumerable<KnownShare> shares)
    {
        BadOrigins.Clear();
        foreach (var share in shares)
            if (!All.Shares.ContainsKey(share.Share.Hash)) All.Add(share);
        Evaluate();
    }

    public void Prune(DateTimeOffset now)
    {
        BadOrigins.Clear();
        Evaluate();
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
        Evaluate();
    }

    private bool IsLost(KnownShare head, DateTimeOffset now)
    {
        if (now - head.SeenAt < TimeSpan.FromSeconds(300)) return false;
        if (Verified.Shares.ContainsKey(head.Share.Hash)) return true;
        return All.Children(All.Tail(head.Share.Hash)).All(above => now - above.SeenAt >= TimeSpan.FromSeconds(120));
    }

    private void Evaluate()
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
            if (!passed && !tail.IsZero) Requested.Add(tail);
        }
        foreach (var share in bad.Distinct())
        {
            if (share.From is { } origin) BadOrigins.Add(origin);
            All.Remove(share);
        }
        foreach (var head in Verified.Heads.ToList())
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
            if (height < chainLength && !lastTail.IsZero) Requested.Add(lastTail);
        }
        Choose();
    }

    private bool Verify(KnownShare share)
    {
        var hash = share.Share.Hash;
        if (Verified.Shares.ContainsKey(hash)) return true;
        if (!All.Tail(hash).IsZero && All.Height(hash) < chainLength + 1) throw new InvalidOperationException("judged without enough ancestors");
        if (!isGood(hash)) return false;
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
    }

    private List<Hash256> Rank(Hash256 tail) =>
    [
        .. Verified.Heads
            .Where(head => Verified.Tail(head.Share.Hash) == tail)
            .OrderBy(head =>
            {
                var share = head.Share;
                var counted = Verified.Work(Verified.Nth(share.Hash, Math.Min(5, Verified.Height(share.Hash))));
                return (share.SolvesBlock ? counted + share.Attempts : counted, share.SolvesBlock, -head.SeenAt.UtcTicks, share.Hash);
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
        All.Remove(share);
    }
}
