using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
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
        Assert.Equal(set.GetProperty("think_runs").GetArrayLength(), Evaluated(name, set, null).Runs.Count);
    }

    /// <summary>The sets of a file in parts. What was found is compared with what is found; of what was given, the heights are tried again, the rest looked up.</summary>
    internal static IEnumerable<GoldenPart> Parts(string name)
    {
        var live = LiveShares.Named(name);
        // A share is seen once: at the same moment in all sets that have it, within the second the recorder noted.
        var seen = Recorded(name).EnumerateArray().SelectMany(set => set.GetProperty("time_seen").EnumerateObject()).ToLookup(each => each.Name, each => each.Value.AsReal());
        foreach (var set in Recorded(name).EnumerateArray())
        {
            var (runs, verified) = Evaluated(name, set, null);
            foreach (var (run, found) in set.GetProperty("think_runs").EnumerateArray().Zip(runs))
                yield return new GoldenPart("think.#.think_runs.#", run, value => Compare(value, found));
            foreach (var hash in set.GetProperty("shares").EnumerateArray())
                yield return new GoldenPart("think.#.shares.#", hash, value => Assert.True(live.Knows(value.AsHash())));
            yield return new GoldenPart("think.#.time_seen", set.GetProperty("time_seen"), value => CheckSeen(value, set, seen, live));
            if (set.TryGetProperty("block_rel_height", out var heights))
                yield return new GoldenPart("think.#.block_rel_height", heights, value => Evaluated(name, set, (value, verified)));
        }
    }

    private static void CheckSeen(JsonElement times, JsonElement set, ILookup<string, double> seen, LiveShares live)
    {
        Assert.Equal(set.Hashes("shares").Order(), times.EnumerateObject().Select(each => Hash256.Parse(each.Name)).Order());
        foreach (var each in times.EnumerateObject())
        {
            var time = each.Value.AsReal();
            Assert.All(seen[each.Name], other => Assert.Equal(other, time));
            if (live.FirstSeen(Hash256.Parse(each.Name)) is not 0 and var noted) Assert.Equal(noted, Math.Floor(time));
        }
    }

    // With heights of its own the verdicts are those found before: only the choice depends on heights.
    private static (List<Found> Runs, HashSet<Hash256> Verified) Evaluated(string name, JsonElement set, (JsonElement Heights, HashSet<Hash256> Verified)? changed)
    {
        var live = LiveShares.Named(name);
        var relative = (changed?.Heights ?? set.GetProperty("block_rel_height")).EnumerateObject().ToDictionary(block => Hash256.Parse(block.Name), block => block.Value.GetInt32());
        var heights = new FixedHeights(block => relative[block]);
        var chain = changed is { } known
            ? new ShareChain(live.Network, heights, (node, _) => known.Verified.Contains(node.Hash) ? null : ShareRefusal.FarShareNotHeld)
            : new ShareChain(live.Network, heights);
        var seen = set.GetProperty("time_seen");
        KnownShare[] shares = [.. set.Hashes("shares").Select(hash => live[hash].SeenAt(seen.Real(hash.ToString())))];

        // The clock of the recording is not known; a quarter of an hour after the newest share fits.
        var now = ChainSteps.Time(shares.Max(share => share.Share.Share.Info.Timestamp) + 900);
        var change = chain.Add(now, shares);
        var verified = new HashSet<Hash256>();
        var runs = new List<Found>();
        foreach (var run in set.GetProperty("think_runs").EnumerateArray())
        {
            runs.Add(Found.In(chain, change));
            Compare(run, runs[^1]);
            verified.UnionWith(shares.Select(share => share.Share.Hash).Where(chain.IsVerified));
            change = chain.Evaluate(now);
        }
        // The last run was recorded because it changed nothing any more.
        Compare(set.GetProperty("think_runs").EnumerateArray().Last(), Found.In(chain, change));
        return (runs, verified);
    }

    private static void Compare(JsonElement run, Found found)
    {
        Assert.Equal(run.Hash("best"), found.Best);
        Assert.Equal((run.GetProperty("items").GetInt32(), run.GetProperty("verified").GetInt32()), (found.Shares, found.Verified));
        Assert.Equal(run.Hashes("desired").Order(), found.Missing);
        Assert.Equal(
            run.GetProperty("heads").EnumerateArray().Select(head => new HeadRank(
                UInt256.FromBigInteger(head.Decimal("work_minus_punish")),
                head.GetProperty("neg_punish").GetInt32(),
                ChainSteps.Time(-head.Real("neg_time_seen")),
                head.Hash("hash"))),
            found.Heads);
        Assert.Equal(run.GetProperty("verified_tails").EnumerateArray().Select(Score).Order(), found.Tails);
    }

    /// <summary>What an evaluation came to.</summary>
    private sealed record Found(
        Hash256 Best, int Shares, int Verified, List<Hash256> Missing, List<HeadRank> Heads, List<(Hash256 Tail, int Height, double? Rate)> Tails)
    {
        public static Found In(ShareChain chain, ChainChange change) => new(
            chain.BestHash() ?? Hash256.Zero,
            chain.Count,
            chain.VerifiedCount,
            [.. change.MissingParents.Select(missing => missing.Hash).Order()],
            [.. chain.RankedHeads],
            [.. chain.Scores.Select(each => (each.Tail, each.Score.Height, each.Score.Rate)).Order()]);
    }

    private static (Hash256, int, double?) Score(JsonElement tail)
    {
        var score = tail.GetProperty("score");
        return (
            tail.Hash("tail"),
            int.Parse(score[0].GetString()!, CultureInfo.InvariantCulture),
            score[1].GetString() is "None" ? null : score[1].AsReal());
    }

    private static JsonElement Recorded(string name) => name == "mini" ? RecordedMini : RecordedMini120;
}
