using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What running nodes built on while their chains forked by themselves and through partitions, over twenty minutes each.</summary>
public class LiveForkTests
{
    private static readonly HeadRanking Ranking = new(HeadPreference.SolvedBlock);

    // The tracker's content is not recorded, but follows: every share from a recorded head down to its tail.
    [Theory]
    [InlineData("m1", "mini", 455)]
    [InlineData("n1", "mini120", 463)]
    public void HeadsOfARunningNode_Ranked_StandAsThere(string node, string network, int records)
    {
        var parts = ThinkParts(node, network);
        Assert.Equal(records, parts.Count(part => part.Path == "best"));
    }

    /// <summary>The evaluations of a node in parts, each passing its check.</summary>
    internal static IEnumerable<GoldenPart> ThinkParts(string node, string network)
    {
        var live = LiveShares.Named(network);
        // A head is seen once: at the same moment in all evaluations, within the second the recorder noted.
        var seen = Recorded(node).SelectMany(record => record.GetProperty("heads").EnumerateArray())
            .ToLookup(head => head.Hash("hash"), head => head.GetProperty("neg_time_seen").AsReal());
        foreach (var record in Recorded(node))
        {
            foreach (var part in ThinkParts(record, live, seen))
            {
                part.Check(part.Value);
                yield return part;
            }
        }
    }

    private static IEnumerable<GoldenPart> ThinkParts(JsonElement record, LiveShares live, ILookup<Hash256, double> seen)
    {
        var times = SeenTimes(record);
        var all = new ShareForest();
        foreach (var share in Content(record, live)) all.Add(share.SeenAt(times.GetValueOrDefault(share.Hash)));
        var heads = record.GetProperty("heads").EnumerateArray().ToList();
        var verified = new ShareForest();
        foreach (var tail in record.GetProperty("verified_tails").EnumerateArray())
            foreach (var head in tail.Hashes("heads"))
                foreach (var known in all.Find(head)!.Line().TakeWhile(share => share.Hash != tail.Hash("tail")).Reverse().Select(share => share.Known))
                    if (!verified.Contains(known.Share.Hash))
                        verified.Add(known);

        // Only the heads of the best tail are ranked.
        var best = verified.Find(record.Hash("best"))!.Tail;
        var ranks = verified.FindTree(best)!.Heads.Select(Ranking.Of).Order().ToList();
        Assert.Equal(heads.Count, ranks.Count);
        yield return GoldenPart.Member(record, "best", value => Assert.Equal(value.AsHash(), ranks[^1].Hash));
        foreach (var (head, rank) in heads.Zip(ranks)) yield return new GoldenPart("heads.#", head, value => CheckHead(value, rank, all, verified, seen));

        foreach (var tail in record.GetProperty("tails").EnumerateArray()) yield return new GoldenPart("tails.#", tail, value => CheckTail(value, all));
        foreach (var tail in record.GetProperty("verified_tails").EnumerateArray())
            yield return new GoldenPart("verified_tails.#", tail, value => CheckVerifiedTail(value, verified, live.Network.ChainLength));
        var missing = all.Trees.Select(tree => tree.Tail).Where(tail => !tail.IsZero).ToList();
        foreach (var wanted in record.GetProperty("desired").EnumerateArray())
            yield return new GoldenPart("desired.#.hash", wanted.GetProperty("hash"), value => Assert.Contains(value.AsHash(), missing));
    }

    private static void CheckHead(JsonElement head, HeadRank rank, ShareForest all, ShareForest verified, ILookup<Hash256, double> seen)
    {
        var found = all.Find(head.Hash("hash"))!;
        Assert.Equal(head.GetProperty("height").GetInt32(), found.Height);
        Assert.Equal(head.GetProperty("absheight").GetUInt32(), found.Share.Share.Info.AbsoluteHeight);
        Assert.Equal(head.GetProperty("verified_height").GetInt32(), verified.Find(found.Hash)!.Height);
        var time = head.GetProperty("neg_time_seen").AsReal();
        Assert.All(seen[found.Hash], other => Assert.Equal(other, time));
        Assert.Equal(
            rank, new HeadRank(UInt256.FromBigInteger(head.Decimal("work")), head.GetProperty("neg_punish").GetInt32(), ChainSteps.Time(-time), head.Hash("hash")));
    }

    private static void CheckTail(JsonElement tail, ShareForest forest) => Assert.Equal(
        tail.Hashes("heads").Order(), (forest.FindTree(tail.Hash("tail"))?.Heads ?? []).Select(head => head.Hash).Order());

    // What the second part of a score depends on, the heights of blocks, is not recorded.
    private static void CheckVerifiedTail(JsonElement tail, ShareForest verified, int chainLength)
    {
        CheckTail(tail, verified);
        var tree = verified.FindTree(tail.Hash("tail"))!;
        var height = Math.Min(chainLength, tree.Heads.MaxBy(head => head.Work)!.Height);
        Assert.Equal(height, tail.GetProperty("score")[0].GetInt32());
        Assert.Equal(height < chainLength, tail.GetProperty("score")[1].ValueKind == JsonValueKind.Null);
    }

    // As long as the chain was held to its first share all of it was verified as it came; then the whole evaluation can be repeated.
    [Theory]
    [InlineData("m1", "mini")]
    [InlineData("n1", "mini120")]
    public void SharesOfARunningNode_AddedOneByOne_LeadToTheSameBest(string node, string network)
    {
        const int Stride = 9;
        var live = LiveShares.Named(network);
        foreach (var record in Recorded(node).Where((_, i) => i % Stride == 0))
        {
            if (record.GetProperty("verified_tails").EnumerateArray().Any(tail => !tail.Hash("tail").IsZero)) break;
            var seen = SeenTimes(record);
            var now = ChainSteps.Time(record.GetProperty("clock").GetDouble());
            var chain = new ShareChain(live.Network, FixedHeights.AllAt(0), Verdicts(live));
            ChainChange? change = null;
            foreach (var share in Content(record, live)) change = chain.Add(now, share.SeenAt(seen.GetValueOrDefault(share.Hash)));

            Assert.Equal(record.Hash("best"), chain.BestHash());
            Assert.Equal(record.GetProperty("heads").EnumerateArray().Select(head => head.Hash("hash")), chain.RankedHeads.Select(rank => rank.Hash));
            Assert.Equal(
                record.GetProperty("desired").EnumerateArray().Select(wanted => wanted.Hash("hash")).Order(),
                change!.MissingParents.Select(missing => missing.Hash).Order());
            Assert.Equal(
                record.GetProperty("verified_tails").EnumerateArray().Select(tail => (tail.Hash("tail"), tail.GetProperty("score")[0].GetInt32())).Order(),
                chain.Scores.Select(each => (each.Tail, each.Score.Height)).Order());
        }
    }

    [Fact]
    public void PartitionedNodes_BeforeAndAfter_BuildOnTheHeadRankedHighest()
    {
        var parts = ForkParts().ToList();
        Assert.Equal((203, 1200), (parts.Count(part => part.Path == "snapshot.heads.#"), parts.Count(part => part.Path == "snapshot.recent.#")));
    }

    /// <summary>The snapshots in parts, each passing its check. The shares of one pair of nodes are known, those of the other only from the snapshots.</summary>
    internal static IEnumerable<GoldenPart> ForkParts()
    {
        var lines = Vectors.JsonLines("live-3501/forks.jsonl").Select(line => line.RootElement).ToList();
        var recent = lines.SelectMany(line => line.GetProperty("snapshot").GetProperty("recent").EnumerateArray())
            .ToLookup(share => share.Hash("hash"), share => share.GetRawText());
        // A node says the same of a head each time.
        var heads = lines.SelectMany(line => line.GetProperty("snapshot").GetProperty("heads").EnumerateArray().Select(head => (Node: line.Text("node"), Head: head)))
            .ToLookup(each => (each.Node, each.Head.Hash("hash")), each => Lasting(each.Head));
        foreach (var part in lines.SelectMany(line => ForkParts(line, recent, heads)))
        {
            part.Check(part.Value);
            yield return part;
        }
    }

    private static IEnumerable<GoldenPart> ForkParts(
        JsonElement line, ILookup<Hash256, string> recent, ILookup<(string Node, Hash256 Hash), (uint, Hash256, double)> known)
    {
        var snapshot = line.GetProperty("snapshot");
        var heads = snapshot.GetProperty("heads").EnumerateArray().ToList();
        var ranks = heads.Select(Rank).ToList();
        Assert.Equal(ranks.Order(), ranks);
        foreach (var name in (string[])["best", "think_best"])
            yield return new GoldenPart($"snapshot.{name}", snapshot.GetProperty(name), value => Assert.Equal(value.AsHash(), ranks[^1].Hash));
        var isKnown = line.Text("pair") == "m1-m2";
        var forest = isKnown ? Forest(heads) : null;
        for (var i = 0; i < heads.Count; i++)
        {
            var (below, above, isBest) = (ranks[..i], ranks[(i + 1)..], i == heads.Count - 1);
            yield return new GoldenPart("snapshot.heads.#", heads[i], value =>
            {
                CheckForkHead(value, below, above, forest, isBest ? snapshot : null);
                var same = known[(line.Text("node"), value.Hash("hash"))];
                Assert.NotEmpty(same);
                Assert.All(same, other => Assert.Equal(other, Lasting(value)));
            });
        }

        // Newest first from the best head down.
        var shares = snapshot.GetProperty("recent").EnumerateArray().ToList();
        for (var i = 0; i < shares.Count; i++)
        {
            var hash = i == 0 ? ranks[^1].Hash : shares[i - 1].Hash("prev");
            yield return new GoldenPart("snapshot.recent.#", shares[i], value => CheckRecent(value, hash, recent, isKnown));
        }
        var height = forest?.Find(ranks[^1].Hash)!.Height ?? heads[^1].GetProperty("height").GetInt32();
        yield return new GoldenPart("snapshot.height", snapshot.GetProperty("height"), value => Assert.Equal(value.GetInt32(), height));
    }

    private static (uint Timestamp, Hash256 FifthParent, double Seen) Lasting(JsonElement head) =>
        (head.GetProperty("timestamp").GetUInt32(), head.Hash("fifth_parent"), head.GetProperty("neg_time_seen").AsReal());

    private static ShareForest Forest(List<JsonElement> heads)
    {
        var forest = new ShareForest();
        foreach (var head in heads)
            foreach (var share in LiveShares.Mini.Ancestry(head.Hash("hash")).TakeLast(head.GetProperty("height").GetInt32()))
                if (!forest.Contains(share.Hash))
                    forest.Add(share.SeenAt(-head.GetProperty("neg_time_seen").AsReal()));
        return forest;
    }

    private static void CheckForkHead(JsonElement head, List<HeadRank> below, List<HeadRank> above, ShareForest? forest, JsonElement? best)
    {
        var rank = Rank(head);
        Assert.All(below, other => Assert.True(other.CompareTo(rank) < 0));
        Assert.All(above, other => Assert.True(other.CompareTo(rank) > 0));
        if (best is { } snapshot)
        {
            // The best head's line is listed.
            var shares = snapshot.GetProperty("recent").EnumerateArray().ToList();
            Assert.Equal(head.Hash("fifth_parent"), shares[5].Hash("hash"));
            Assert.Equal(head.GetProperty("timestamp").GetUInt32(), shares[0].GetProperty("ts").GetUInt32());
            Assert.Equal(head.GetProperty("height").GetInt32(), snapshot.GetProperty("height").GetInt32());
            var work = shares.Take(5).Aggregate(UInt256.Zero, (sum, share) => sum + new CompactTarget(share.GetProperty("bits").GetUInt32()).AverageAttempts);
            var own = rank.Merit == 1 ? new CompactTarget(shares[0].GetProperty("bits").GetUInt32()).AverageAttempts : UInt256.Zero;
            Assert.Equal(UInt256.FromBigInteger(head.Decimal("total_work")) - work + own, rank.Work);
        }
        if (forest is null) return;
        var node = forest.Find(rank.Hash)!;
        Assert.Equal(head.GetProperty("height").GetInt32(), node.Height);
        Assert.Equal(UInt256.FromBigInteger(head.Decimal("total_work")), node.Work);
        Assert.Equal(head.Hash("fifth_parent"), node.Ancestor(5)?.Hash);
        Assert.Equal(head.GetProperty("timestamp").GetUInt32(), node.Share.Share.Info.Timestamp);
        Assert.Equal(rank, Ranking.Of(node));
    }

    private static void CheckRecent(JsonElement share, Hash256 hash, ILookup<Hash256, string> recent, bool isKnown)
    {
        Assert.Equal(hash, share.Hash("hash"));
        Assert.All(recent[hash], other => Assert.Equal(other, share.GetRawText()));
        Assert.Equal(64, share.Text("prev").Length);
        if (!isKnown) return;
        var info = LiveShares.Mini[hash].Share.Info;
        Assert.Equal(
            (info.PreviousShare, info.Bits.Bits, info.MaxBits.Bits, info.Timestamp),
            (share.Hash("prev"), share.GetProperty("bits").GetUInt32(), share.GetProperty("max_bits").GetUInt32(), share.GetProperty("ts").GetUInt32()));
    }

    private static HeadRank Rank(JsonElement head) => new(
        UInt256.FromBigInteger(head.Decimal("work_to_5th_parent_minus_punish")),
        head.GetProperty("neg_punish").GetInt32(),
        ChainSteps.Time(-head.GetProperty("neg_time_seen").AsReal()),
        head.Hash("hash"));

    private static IEnumerable<JsonElement> Recorded(string node) => Vectors.JsonLines($"live-3501/think-live-{node}.jsonl").Select(line => line.RootElement);

    private static Dictionary<Hash256, double> SeenTimes(JsonElement record) => record.GetProperty("heads").EnumerateArray()
        .ToDictionary(head => head.Hash("hash"), head => -head.GetProperty("neg_time_seen").GetDouble());

    // Parents before children, as far as that goes.
    private static List<CheckedShare> Content(JsonElement record, LiveShares live)
    {
        var held = new HashSet<Hash256>();
        var content = new List<CheckedShare>();
        foreach (var tail in record.GetProperty("tails").EnumerateArray())
            foreach (var head in tail.Hashes("heads"))
                content.AddRange(live.Ancestry(head).SkipWhile(share => share.PreviousShare != tail.Hash("tail")).Where(share => held.Add(share.Hash)));
        return content;
    }

    private static Func<ShareNode, DateTimeOffset, ShareRefusal?> Verdicts(LiveShares live)
    {
        var good = live.All.Where(record => record.IsVerified).Select(record => record.Share.Hash).ToHashSet();
        return (node, _) => good.Contains(node.Hash) ? null : ShareRefusal.Coinbase;
    }
}
