using System.Text.Json;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Payouts;
using Grainpool.P2Pool.Tests.Peers;
using Grainpool.P2Pool.Tests.Shares;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>
/// Proves that the golden data of shares, chains, payouts and messages is read to the last value: each leaf is changed once, and the check that
/// the ordinary tests run must fail. What no check can notice is listed here with the reason, and nothing else may go unnoticed.
/// </summary>
public class LeafFlipTests
{
    private readonly Dictionary<string, int> _flipped = [];

    [Fact]
    public void EveryLeafOfTheReferenceChain_Changed_IsNoticed()
    {
        var unnoticed = ChainVectorTests.Places
            .SelectMany(place => LeafFlips.Unnoticed(place.Record, record => ChainVectorTests.Check(record, place.Context), _flipped))
            .Concat(LeafFlips.Unnoticed(Root("v35-chain").GetProperty("constants"), ChainVectorTests.CheckConstants, _flipped));
        AssertOnly(unnoticed, 4900, new()
        {
            ["min_target"] = "the limit is 0 and limits nothing",
            ["template.desired_share_target"] = "beyond what the place allows; or lost in rounding to bits",
            ["template.desired_timestamp"] = "not after the parent's, so the parent's decides",
        });
    }

    [Fact]
    public void EveryLeafOfTheMutations_Changed_IsNoticed() => AssertOnly(
        Root("v35-mutations").GetProperty("cases").EnumerateArray().SelectMany(each => LeafFlips.Unnoticed(each, MutationVectorTests.Check, _flipped)),
        164,
        new()
        {
            ["what"] = "a description",
            ["clock"] = "one second decides only at the limit",
            ["wire_share_hex"] = "the last digit belongs to the branch of full hashes, which no rule looks at, or the share is bad either way",
        });

    [Fact]
    public void EveryLeafOfTheWeights_Changed_IsNoticed()
    {
        // The queries one by one, the shares all together.
        var root = Root("v35-weights");
        var shares = root.GetProperty("shares");
        var unnoticed = LeafFlips.Unnoticed(shares, changed => PayoutWindowVectorTests.Check(changed, root.GetProperty("queries")), _flipped)
            .Concat(root.GetProperty("queries").EnumerateArray().SelectMany(query =>
                LeafFlips.Unnoticed(query, changed => PayoutWindowVectorTests.CheckQuery(PayoutWindowVectorTests.Shares(shares), changed), _flipped)));
        AssertOnly(unnoticed, 1100, new()
        {
            ["#.address"] = "who donates everything is not paid",
            ["#.id"] = "a name",
            ["start"] = "an empty window is the same everywhere",
            ["max_shares"] = "one share more changes nothing where the work ends the window, or the chain does",
            ["desired_weight"] = "a small change is less than one attempt, or the shares end the window",
        });
    }

    [Fact]
    public void EveryLeafOfTheChoices_Changed_IsNoticed()
    {
        var root = Root("v35-think");
        var unnoticed = root.GetProperty("scenarios").EnumerateArray().SelectMany(each => LeafFlips.Unnoticed(each, BestShareVectorTests.CheckScenario, _flipped))
            .Concat(root.GetProperty("score_cases").EnumerateArray().SelectMany(each => LeafFlips.Unnoticed(each, BestShareVectorTests.CheckScore, _flipped)));
        AssertOnly(unnoticed, 270, new()
        {
            ["chain_length_override"] = "one share more or less rounds to the same parts of the chain",
            ["name"] = "a description",
            ["note"] = "a description",
            ["reissue_work_flag"] = "makes the legacy node hand out the same work once more; nothing here depends on it",
            ["score.#"] = "a last digit beyond what a double holds",
            ["extra_shares.#.time_seen"] = "shown only by heads",
            ["highest_relative_block_height_in_window"] = "no rate is worked out below the chain length",
        });
    }

    [Fact]
    public void EveryLeafOfTheSynchronisedShares_Changed_IsNoticed()
    {
        var root = Root("v35-sync");
        var network = TestNetworks.Sync(root.GetProperty("constants"));
        var chain = new SlowChain(network);
        var unnoticed = new List<string>();
        foreach (var record in root.GetProperty("shares").EnumerateArray())
        {
            unnoticed.AddRange(LeafFlips.Unnoticed(record, changed => SynchronisedShareTests.Check(network, chain, changed), _flipped, 300));
            chain.Add(SynchronisedShareTests.Check(network, chain, record));
        }
        AssertOnly(unnoticed, 2700, new()
        {
            ["wire_share_hex"] = "the last digit of the branch of full hashes, which no rule looks at and no other field repeats",
        });
    }

    [Theory]
    [InlineData("mini")]
    [InlineData("mini120")]
    public void EveryKindOfLeafOfTheLiveShares_Changed_IsNoticed(string name)
    {
        const int OfEachKind = 3;
        var (network, chain, records) = LiveShareVectorTests.Hold(Root($"live-3501/shares-{name}"));
        var unnoticed = records.SelectMany(record =>
            LeafFlips.Unnoticed(record, changed => LiveShareVectorTests.Check(network, chain, changed), _flipped, OfEachKind));
        AssertOnly(unnoticed, 280, new()
        {
            ["attempts_per_second_used"] = "an intermediate value of the target rule, whose result is compared",
            ["pre_target"] = "an intermediate value of the target rule, whose result is compared",
            ["clock_first_seen"] = "one second decides only at the limit",
            ["pow_hash"] = "taken for granted here; a small change stays on the same side of both targets",
            ["gentx_matches"] = "what the node thought; the verdict is compared",
            ["share_info_matches"] = "what the node thought; says whether its coinbase can be compared",
            ["height_in_chain"] = "where the recording lists it",
            ["on_main_chain"] = "where the recording lists it",
            ["peer"] = "who sent it",
            ["peer.#"] = "who sent it",
            ["weights.limited_by"] = "a description",
            ["next_share.easiest.desired_target"] = "beyond what the place allows",
            ["next_share.hardest.desired_target"] = "beyond what the place allows",
            ["next_share.mid.desired_target"] = "lost in rounding to bits",
        });
    }

    [Fact]
    public void EveryLeafOfTheMessages_Changed_IsNoticed()
    {
        var root = Root("v35-messages");
        var unnoticed = root.GetProperty("messages").EnumerateArray().SelectMany(each => LeafFlips.Unnoticed(each, RecordedMessages.Check, _flipped))
            .Concat(root.GetProperty("tx_hash_notes").EnumerateArray().SelectMany(each => LeafFlips.Unnoticed(each, RecordedMessages.CheckHashes, _flipped)));
        AssertOnly(unnoticed, 149, new()
        {
            ["note"] = "a description",
            ["fields.txs.#.flag"] = "always 1 where there is a witness",
            ["fields.txs.#.marker"] = "always 0 where there is a witness",
        });
    }

    private static JsonElement Root(string name) => Vectors.Json(name + ".json").RootElement;

    private void AssertOnly(IEnumerable<string> unnoticed, int leastFlipped, Dictionary<string, string> reasons)
    {
        string[] found = [.. unnoticed.Distinct().Order(StringComparer.Ordinal)];
        Assert.True(
            found.SequenceEqual(reasons.Keys.Order(StringComparer.Ordinal)),
            $"without reason: {string.Join(", ", found.Except(reasons.Keys))}; noticed after all: {string.Join(", ", reasons.Keys.Except(found))}");
        Assert.InRange(_flipped.Values.Sum(), leastFlipped, int.MaxValue);
    }
}
