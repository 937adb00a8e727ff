using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>The choice among forks, recorded from the reference modules: every scenario and score of v35-think.</summary>
public class BestShareVectorTests
{
    private static readonly DateTimeOffset Now = ChainSteps.Time(1_800_000_000);
    private static readonly JsonElement Recorded = Vectors.Json("v35-think.json").RootElement;

    public static TheoryData<string> Scenarios => [.. Recorded.GetProperty("scenarios").EnumerateArray().Select(scenario => scenario.Text("name"))];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Forks_Evaluated_RankAndChooseAsRecorded(string name)
    {
        CheckScenario(Recorded.GetProperty("scenarios").EnumerateArray().Single(each => each.Text("name") == name));
    }

    internal static void CheckScenario(JsonElement scenario)
    {
        var network = KnownNetworks.Vertcoin;
        var chain = new ShareChain(network, FixedHeights.AllAt(0));
        chain.Add(Now, ReferenceChain.Shares.Take(scenario.GetProperty("base_shares_from_chain").GetInt32()).Select(share => share.SeenAt(0)));

        foreach (var extra in scenario.GetProperty("extra_shares").EnumerateArray())
        {
            var share = ChainSteps.Stubbed(network, extra.Hex("wire_share_hex"));
            Assert.Equal(extra.Hash("hash"), share.Hash);
            Assert.Equal(extra.Hash("parent"), share.PreviousShare);
            Assert.Equal(extra.Hex("wire_share_hex"), share.Share.ToBytes());
            Assert.Equal(extra.GetProperty("is_block_solution").GetBoolean(), share.SolvesBlock);
            var change = chain.Add(Now, share.SeenAt(extra.GetProperty("time_seen").GetDouble()));
            Assert.Equal(new ShareOutcome(share.Hash, ShareVerdict.Verified, null, ParentMissing: false), Assert.Single(change.Outcomes));
            Assert.Equal(share.SolvesBlock ? [share] : [], change.SolvedBlocks.Select(solved => solved.Share));
        }

        Assert.Equal(scenario.Hash("expected_best"), chain.BestHash());
        Assert.Equal(
            scenario.GetProperty("heads_ascending").EnumerateArray().Select(head => (
                head.Hash("hash"),
                head.Number("work_of_5th_ancestor_adjusted"),
                head.GetProperty("minus_reason").GetInt32() == 1,
                ChainSteps.Time(-head.GetProperty("minus_time_seen").GetDouble()))),
            chain.RankedHeads.Select(rank => (rank.Hash, rank.Work, rank.Merit == 1, rank.SeenAt)));
    }

    [Fact]
    public void Tip_Scored_GivesTheRecordedHeightAndRate()
    {
        foreach (var each in Recorded.GetProperty("score_cases").EnumerateArray()) CheckScore(each);
    }

    internal static void CheckScore(JsonElement each)
    {
        var network = KnownNetworks.Vertcoin with { ChainLength = each.GetProperty("chain_length_override").GetInt32() };
        var heights = FixedHeights.AllAt(each.GetProperty("highest_relative_block_height_in_window").GetInt32());
        // With another chain length the shares' payouts are not those of the rules; they are not what is looked at here.
        var chain = new ShareChain(network, heights, (_, _) => null);
        chain.Add(Now, ReferenceChain.Shares.Select(share => share.SeenAt(0)));

        var score = Assert.Single(chain.Scores).Score;
        Assert.Equal(each.GetProperty("score")[0].GetInt32(), score.Height);
        var rate = each.GetProperty("score")[1];
        Assert.Equal(rate.ValueKind == JsonValueKind.Null ? null : double.Parse(rate.GetString()!), score.Rate);
    }
}
