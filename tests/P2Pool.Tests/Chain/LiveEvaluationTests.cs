using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>
/// Evaluations of running nodes on sets of their shares: forks, whole chains, chains cut off at their lower end or with holes. Nothing is
/// verified before; the chain is evaluated again until nothing changes, as it was there.
/// </summary>
public class LiveEvaluationTests
{
    private static readonly JsonElement RecordedMini = Vectors.Json("live-3501/chain-mini.json").RootElement.GetProperty("think");
    private static readonly JsonElement RecordedMini120 = Vectors.Json("live-3501/chain-mini120.json").RootElement.GetProperty("think");

    public static TheoryData<string, int, string> Sets
    {
        get
        {
            var data = new TheoryData<string, int, string>();
            foreach (var name in (string[])["mini", "mini120"])
                for (var i = 0; i < Recorded(name).GetArrayLength(); i++) data.Add(name, i, Recorded(name)[i].Text("label"));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Shares_EvaluatedFromNothing_LeadWhereTheNodeWent(string name, int index, string label)
    {
        Assert.NotEmpty(label);
        var set = Recorded(name)[index];
        var live = LiveShares.Named(name);
        var relative = set.GetProperty("block_rel_height").EnumerateObject().ToDictionary(block => Hash256.Parse(block.Name), block => block.Value.GetInt32());
        var chain = new ShareChain(live.Network, new FixedHeights(block => relative[block]));
        var seen = set.GetProperty("time_seen");
        KnownShare[] shares = [.. set.Hashes("shares").Select(hash => live[hash].SeenAt(seen.Real(hash.ToString())))];

        // The clock of the recording is not known; a quarter of an hour after the newest share fits.
        var now = ChainSteps.Time(shares.Max(share => share.Share.Share.Info.Timestamp) + 900);
        var change = chain.Add(now, shares);
        foreach (var run in set.GetProperty("think_runs").EnumerateArray())
        {
            Compare(run, chain, change);
            change = chain.Evaluate(now);
        }
        // The last run was recorded because it changed nothing any more.
        Compare(set.GetProperty("think_runs").EnumerateArray().Last(), chain, change);
    }

    private static void Compare(JsonElement run, ShareChain chain, ChainChange change)
    {
        Assert.Equal(run.Hash("best"), chain.BestHash() ?? Hash256.Zero);
        Assert.Equal(run.GetProperty("items").GetInt32(), chain.Count);
        Assert.Equal(run.GetProperty("verified").GetInt32(), chain.VerifiedCount);
        Assert.Equal(run.Hashes("desired").Order(), change.MissingParents.Select(missing => missing.Hash).Order());
        Assert.Equal(
            run.GetProperty("heads").EnumerateArray().Select(head => (
                head.Hash("hash"),
                UInt256.FromBigInteger(head.Decimal("work_minus_punish")),
                head.GetProperty("neg_punish").GetInt32() == 1,
                ChainSteps.Time(-head.Real("neg_time_seen")))),
            chain.RankedHeads.Select(rank => (rank.Hash, rank.Work, rank.Merit == 1, rank.SeenAt)));
        Assert.Equal(
            run.GetProperty("verified_tails").EnumerateArray().Select(tail => Score(tail)).Order(),
            chain.Scores.Select(each => (each.Tail, each.Score.Height, each.Score.Rate)).Order());
    }

    private static (Hash256, int, double?) Score(JsonElement tail)
    {
        var score = tail.GetProperty("score");
        return (
            tail.Hash("tail"),
            int.Parse(score[0].GetString()!, CultureInfo.InvariantCulture),
            score[1].GetString() is "None" ? null : double.Parse(score[1].GetString()!, CultureInfo.InvariantCulture));
    }

    private static JsonElement Recorded(string name) => name == "mini" ? RecordedMini : RecordedMini120;
}
