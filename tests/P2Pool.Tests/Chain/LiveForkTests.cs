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
        var live = LiveShares.Named(network);
        var compared = 0;
        foreach (var record in Recorded(node))
        {
            var heads = record.GetProperty("heads").EnumerateArray().ToList();
            var seen = SeenTimes(record);
            var all = new ShareForest();
            foreach (var share in Content(record, live)) all.Add(share.SeenAt(seen.GetValueOrDefault(share.Hash)));
            var verified = new ShareForest();
            foreach (var head in heads)
                foreach (var known in all.Find(head.Hash("hash"))!.Line(head.GetProperty("verified_height").GetInt32()).Select(share => share.Known))
                    if (!verified.Contains(known.Share.Hash))
                        verified.Add(known);

            Assert.All(heads, head =>
            {
                var found = all.Find(head.Hash("hash"))!;
                Assert.Equal(head.GetProperty("height").GetInt32(), found.Height);
                Assert.Equal(head.GetProperty("absheight").GetUInt32(), found.Share.Share.Info.AbsoluteHeight);
            });
            var tail = Assert.Single(verified.Trees);
            Assert.Equal(heads.Select(head => head.Hash("hash")).Order(), tail.Heads.Select(head => head.Hash).Order());
            Assert.Equal(
                heads.Select(head => (
                    head.Hash("hash"),
                    UInt256.FromBigInteger(head.Decimal("work")),
                    head.GetProperty("neg_punish").GetInt32(),
                    ChainSteps.Time(-head.GetProperty("neg_time_seen").GetDouble()))),
                tail.Heads.Select(Ranking.Of).Order().Select(rank => (rank.Hash, rank.Work, rank.Merit, rank.SeenAt)));
            Assert.Equal(record.Hash("best"), tail.Heads.Select(Ranking.Of).Max().Hash);
            compared++;
        }
        Assert.Equal(records, compared);
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
        foreach (var snapshot in Vectors.JsonLines("live-3501/forks.jsonl").Select(line => line.RootElement.GetProperty("snapshot")))
        {
            var ranks = snapshot.GetProperty("heads").EnumerateArray().Select(Rank).ToList();
            Assert.Equal(ranks.Order(), ranks);
            Assert.Equal(snapshot.Hash("best"), ranks[^1].Hash);
        }
    }

    [Fact]
    public void PartitionedNodes_OfKnownShares_HaveTheirHeightsWorkAndRanks()
    {
        var compared = 0;
        foreach (var line in Vectors.JsonLines("live-3501/forks.jsonl").Where(line => line.RootElement.Text("pair") == "m1-m2"))
        {
            var forest = new ShareForest();
            var heads = line.RootElement.GetProperty("snapshot").GetProperty("heads").EnumerateArray().ToList();
            foreach (var head in heads)
                foreach (var share in LiveShares.Mini.Ancestry(head.Hash("hash")).TakeLast(head.GetProperty("height").GetInt32()))
                    if (!forest.Contains(share.Hash))
                        forest.Add(share.SeenAt(-head.GetProperty("neg_time_seen").GetDouble()));

            foreach (var head in heads)
            {
                var node = forest.Find(head.Hash("hash"))!;
                Assert.Equal(head.GetProperty("height").GetInt32(), node.Height);
                Assert.Equal(UInt256.FromBigInteger(head.Decimal("total_work")), node.Work);
                Assert.Equal(head.Hash("fifth_parent"), node.Ancestor(5)?.Hash);
                Assert.Equal(head.GetProperty("timestamp").GetUInt32(), node.Share.Share.Info.Timestamp);
                var rank = Ranking.Of(node);
                Assert.Equal(Rank(head) with { SeenAt = rank.SeenAt }, rank);
                compared++;
            }
        }
        Assert.Equal(103, compared);
    }

    private static HeadRank Rank(JsonElement head) => new(
        UInt256.FromBigInteger(head.Decimal("work_to_5th_parent_minus_punish")),
        head.GetProperty("neg_punish").GetInt32(),
        ChainSteps.Time(-head.GetProperty("neg_time_seen").GetDouble()),
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
