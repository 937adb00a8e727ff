using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What running nodes built on while their chains forked by themselves and through partitions, over twenty minutes each.</summary>
public class LiveForkTests
{
    private static readonly HeadRanking Ranking = new(HeadPreference.SolvedBlock);

    [Theory]
    [InlineData("m1", "mini")]
    [InlineData("n1", "mini120")]
    public void EvaluationsOfARunningNode_Followed_ComeOutAsThere(string node, string network)
    {
        var counts = ThinkParts(node, network).CountBy(part => part.Path).OrderBy(kind => kind.Key, StringComparer.Ordinal);
        Assert.Equal(
            node == "m1"
                ? [("bad_peers.#", 10), ("best", 455), ("desired.#", 132), ("heads.#", 9896), ("tails.#", 598), ("verified_tails.#", 467)]
                : [("bad_peers.#", 1), ("best", 463), ("heads.#", 9485), ("tails.#", 463), ("verified_tails.#", 463)],
            counts.Select(kind => (kind.Key, kind.Value)));
    }

    [Theory]
    [InlineData("m1", "mini", 36)]
    [InlineData("n1", "mini120", 22)]
    public void ChainBesideARunningNode_PrunesWhereItDid(string node, string network, int times)
    {
        var replay = new LiveReplay(LiveShares.Named(network), Seen(node));
        foreach (var record in Recorded(node)) replay.Follow(record);
        Assert.Equal(times, replay.Pruned);
    }

    /// <summary>The evaluations of a node in parts, each passing its check.</summary>
    internal static IEnumerable<GoldenPart> ThinkParts(string node, string network)
    {
        var live = LiveShares.Named(network);
        var seen = Seen(node);
        var replay = new LiveReplay(live, seen);
        foreach (var record in Recorded(node))
        {
            var change = replay.Follow(record);
            foreach (var part in ThinkParts(record, replay.Chain, change, seen))
            {
                part.Check(part.Value);
                yield return part;
            }
        }
    }

    private static IEnumerable<GoldenPart> ThinkParts(JsonElement record, ShareChain chain, ChainChange change, ILookup<Hash256, double> seen)
    {
        yield return GoldenPart.Member(record, "best", value => Assert.Equal(value.AsHash(), chain.BestHash()));

        var ranks = chain.RankedHeads.ToList();
        var heads = record.GetProperty("heads");
        Assert.Equal(heads.GetArrayLength(), ranks.Count);
        foreach (var (head, rank) in heads.EnumerateArray().Zip(ranks))
        {
            var line = chain.Line(rank.Hash, int.MaxValue).ToList();
            var verified = line.TakeWhile(share => chain.IsVerified(share.Share.Hash)).Count();
            yield return new GoldenPart("heads.#", head, value => CheckHead(value, rank, line, verified, seen));
        }

        var tails = ByTail(chain.Heads, head => chain.Line(head, int.MaxValue));
        Assert.Equal(record.GetProperty("tails").GetArrayLength(), tails.Count);
        foreach (var tail in record.GetProperty("tails").EnumerateArray()) yield return new GoldenPart("tails.#", tail, value => CheckTail(value, tails));

        var verifiedTails = ByTail(chain.VerifiedHeads, head => chain.Line(head, int.MaxValue).TakeWhile(share => chain.IsVerified(share.Share.Hash)));
        var scores = chain.Scores.ToDictionary(each => each.Tail, each => each.Score);
        Assert.Equal(record.GetProperty("verified_tails").GetArrayLength(), verifiedTails.Count);
        foreach (var tail in record.GetProperty("verified_tails").EnumerateArray())
            yield return new GoldenPart("verified_tails.#", tail, value => CheckVerifiedTail(value, verifiedTails, scores));

        var missing = change.MissingParents.ToDictionary(parent => parent.Hash, parent => parent.From);
        Assert.Equal(record.GetProperty("desired").GetArrayLength(), missing.Count);
        foreach (var wanted in record.GetProperty("desired").EnumerateArray())
            yield return new GoldenPart("desired.#", wanted, value =>
            {
                // Where the oldest share held is the node's own nobody is named here.
                if (missing[value.Hash("hash")] is { } from) Assert.Equal(from, value.GetProperty("peer").AsEndpoint());
            });

        Assert.Equal(record.GetProperty("bad_peers").GetArrayLength(), change.BadOrigins.Length);
        foreach (var bad in record.GetProperty("bad_peers").EnumerateArray())
            yield return new GoldenPart("bad_peers.#", bad, value => Assert.Contains(value.AsEndpoint()!.Value, change.BadOrigins));
    }

    private static ILookup<Hash256, Hash256> ByTail(IEnumerable<Hash256> heads, Func<Hash256, IEnumerable<KnownShare>> line) =>
        heads.ToLookup(head => line(head).Last().Share.PreviousShare);

    private static void CheckHead(JsonElement head, HeadRank rank, List<KnownShare> line, int verified, ILookup<Hash256, double> seen)
    {
        Assert.Equal(head.GetProperty("height").GetInt32(), line.Count);
        Assert.Equal(head.GetProperty("absheight").GetUInt32(), line[0].Share.Share.Info.AbsoluteHeight);
        Assert.Equal(head.GetProperty("verified_height").GetInt32(), verified);
        var time = head.GetProperty("neg_time_seen").AsReal();
        Assert.All(seen[rank.Hash], other => Assert.Equal(other, time));
        Assert.Equal(
            rank, new HeadRank(UInt256.FromBigInteger(head.Decimal("work")), head.GetProperty("neg_punish").GetInt32(), ChainSteps.Time(-time), head.Hash("hash")));
    }

    private static void CheckTail(JsonElement tail, ILookup<Hash256, Hash256> tails) => Assert.Equal(tail.Hashes("heads").Order(), tails[tail.Hash("tail")].Order());

    // The heights of blocks are not recorded, by which the work of a long chain is divided; but by some whole number of blocks it is.
    private static void CheckVerifiedTail(JsonElement tail, ILookup<Hash256, Hash256> tails, Dictionary<Hash256, ChainScore> scores)
    {
        CheckTail(tail, tails);
        var (score, recorded) = (scores[tail.Hash("tail")], tail.GetProperty("score"));
        Assert.Equal(score.Height, recorded[0].GetInt32());
        if (score.Rate is not { } ofOneBlock)
        {
            Assert.Equal(JsonValueKind.Null, recorded[1].ValueKind);
            return;
        }
        var blocks = (int)Math.Round(ofOneBlock / recorded[1].GetDouble());
        Assert.InRange(blocks, 1, int.MaxValue);
        Assert.Equal((score with { Blocks = blocks }).Rate!.Value, recorded[1].AsReal());
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

    // A head is seen once: at the same moment in all evaluations.
    private static ILookup<Hash256, double> Seen(string node) => Recorded(node).SelectMany(record => record.GetProperty("heads").EnumerateArray())
        .ToLookup(head => head.Hash("hash"), head => head.GetProperty("neg_time_seen").AsReal());

    private static IEnumerable<JsonElement> Recorded(string node) => Vectors.JsonLines($"live-3501/think-live-{node}.jsonl").Select(line => line.RootElement);
}
