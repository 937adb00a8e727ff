using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>What running nodes answered about the tips of their chains: weights, rates, stale shares, payouts, and the next share.</summary>
public class ClassicLiveStatisticsTests
{
    // How far back the recorded stale figures look.
    private const int LookBehind = 240;

    [Theory]
    [InlineData("shares", "chain")]
    [InlineData("short_shares", "short_chain")]
    public void Tips_OfARunningNode_GiveTheirFigures(string sharesFile, string chainFile)
    {
        var parts = Parts(sharesFile, chainFile).ToList();
        Assert.Equal(17, parts.Count(part => part.Path == "tips.#.tip"));
    }

    /// <summary>The recorded tips in parts, each passing its check, while the chain grows to them.</summary>
    internal static IEnumerable<GoldenPart> Parts(string sharesFile, string chainFile)
    {
        var json = ClassicLiveChain.Json(chainFile);
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var (chain, slow, forest) = (new ShareChain(network, FixedHeights.AllAt(0)), new SlowChain(network), new ShareForest());
        var tips = json.GetProperty("tips").EnumerateArray().ToDictionary(tip => tip.GetProperty("height").GetInt32());
        foreach (var share in ClassicLiveChain.Of(sharesFile).Shares)
        {
            chain.Add(ChainSteps.Time(1_800_000_000), share.SeenAt(0));
            slow.Add(share);
            var node = forest.Add(share.SeenAt(0));
            if (!tips.Remove(chain.Height, out var tip)) continue;
            var (statistics, parent) = (chain.Statistics!, slow.At(share.Hash, new CompactTarget(0x1e0fffff)).Parent!);
            foreach (var member in tip.EnumerateObject())
            {
                Action<JsonElement> check = member.Name switch
                {
                    "tip" => value => Assert.Equal(value.AsHash(), chain.BestHash()),
                    "height" => value => Assert.Equal(value.GetInt32(), chain.Height),
                    "work_delta_to_last" => value => Assert.Equal(value.AsDecimal(), statistics.Work.ToBigInteger()),
                    "min_work_delta_to_last" => value => Assert.Equal(value.AsDecimal(), node.SumsToTail.MaxTargetWork.ToBigInteger()),
                    "get_cumulative_weights" => value => CheckWeights(value, node),
                    "get_pool_attempts_per_second" => value => CheckRate(value, statistics),
                    "expected_payouts" => value => CheckPayouts(value, statistics),
                    "next_share" => value => CheckNextShare(value, parent, network),
                    "average_stale_prop" => value => Assert.Equal(value.AsReal(), statistics.Last(LookBehind).StaleProportion),
                    "stale_counts" => value => CheckStale(value, statistics.Last(LookBehind)),
                    "desired_version_counts" => value => CheckVotes(value, statistics),
                    var other => throw new FormatException(other),
                };
                var items = member.Value.ValueKind == JsonValueKind.Array
                    ? member.Value.EnumerateArray().Select(item => new GoldenPart($"tips.#.{member.Name}.#", item, check))
                    : [new GoldenPart($"tips.#.{member.Name}", member.Value, check)];
                foreach (var part in items)
                {
                    part.Check(part.Value);
                    yield return part;
                }
            }
            // Not asked of the shortest chains.
            Assert.Equal(statistics.Last(LookBehind).Shares > 1, tip.TryGetProperty("average_stale_prop", out _));
        }
        Assert.Empty(tips);
    }

    private static void CheckVotes(JsonElement votes, ChainStatistics statistics) => Assert.Equal(
        votes.EnumerateObject().Select(vote => (ulong.Parse(vote.Name, CultureInfo.InvariantCulture), vote.Value.AsDecimal())),
        statistics.Last(int.MaxValue).WorkByDesiredVersion().Select(vote => (vote.Key, vote.Value.ToBigInteger())));

    private static void CheckStale(JsonElement counts, ChainWindow window)
    {
        var announced = window.AnnouncedWork();
        foreach (var kind in counts.EnumerateObject())
            Assert.Equal(kind.Value.AsDecimal(), (kind.Name == "good" ? window.Work : announced[Code(kind.Name)]).ToBigInteger());
        Assert.Equal(counts.EnumerateObject().Count(kind => kind.Name != "good"), announced.Count);
    }

    private static void CheckNextShare(JsonElement each, ParentView parent, NetworkParameters network)
    {
        Assert.Equal(each.Number("previous_max_target"), parent.MaxTarget);
        Assert.Equal(each.GetProperty("previous_timestamp").GetUInt32(), parent.Timestamp);
        var expected = SharePlace.After(network, parent).Fields(each.Number("desired_target"), each.GetProperty("desired_timestamp").GetUInt32());
        Assert.Equal(each.Bits("max_bits"), expected.MaxBits);
        Assert.Equal(each.Bits("bits"), expected.Bits);
        Assert.Equal(each.GetProperty("timestamp").GetUInt32(), expected.Timestamp);
        Assert.Equal(each.GetProperty("absheight").GetUInt32(), expected.AbsoluteHeight);
        Assert.Equal(each.Decimal("abswork"), ((UInt256)expected.AbsoluteWork).ToBigInteger());
        Assert.Equal(each.Hash("far_share_hash"), expected.FarShare);
    }

    private static void CheckWeights(JsonElement each, ShareNode node)
    {
        // The nodes say "no limit" with a number that is above any 256-bit one.
        Assert.True((each.Decimal("desired_weight") % 65535).IsZero);
        var cap = UInt256.FromBigInteger(BigInteger.Min(each.Decimal("desired_weight") / 65535, UInt256.MaxValue.ToBigInteger()));
        var weights = PayoutWindows.Sum(node, new PayoutWindow(each.GetProperty("max_shares").GetInt32(), cap));
        Assert.Equal(each.Decimal("total_weight"), weights.Total.ToBigInteger());
        Assert.Equal(
            each.GetProperty("weights").EnumerateObject().Select(payee => (payee.Name, payee.Value.AsDecimal())).OrderBy(payee => payee.Name, StringComparer.Ordinal),
            weights.Payees.Select(payee => (payee.Address, payee.Weight.ToBigInteger())));
        Assert.Equal(
            each.Decimal("donation_weight"), weights.Payees.Aggregate(weights.Total.ToBigInteger(), (rest, payee) => rest - payee.Weight.ToBigInteger()));
    }

    private static void CheckRate(JsonElement each, ChainStatistics statistics)
    {
        var window = statistics.Last(each.GetProperty("dist").GetInt32());
        var ofMaxTarget = each.GetProperty("min_work").GetBoolean();
        if (each.GetProperty("integer").GetBoolean())
            Assert.Equal(each.Decimal("result"), ((ofMaxTarget ? window.MaxTargetWork : window.Work) / window.Seconds).ToBigInteger());
        else
            Assert.Equal(each.Real("result"), ofMaxTarget ? window.MaxTargetAttemptsPerSecond : window.AttemptsPerSecond);
        if (!ofMaxTarget) Assert.Equal(window.AttemptsPerSecond, window.RateByPayee().Values.Sum(payee => payee.AttemptsPerSecond), window.AttemptsPerSecond * 1e-12);
    }

    private static void CheckPayouts(JsonElement each, ChainStatistics statistics)
    {
        var bits = CompactTarget.FromTargetUpperBound(each.Number("block_target"));
        Assert.Equal(each.Number("block_target"), bits.ToTarget());
        Assert.Equal(
            each.GetProperty("payouts").EnumerateObject().Select(payee => (payee.Name, (ulong)payee.Value.AsDecimal())).OrderBy(payee => payee.Name, StringComparer.Ordinal),
            statistics.ExpectedPayouts(bits, each.GetProperty("subsidy").GetUInt64()).Select(payee => (payee.Key, payee.Value)));
    }

    private static byte Code(string stale) => stale switch
    {
        "orphan" => StaleInfo.Orphan,
        "doa" => StaleInfo.Dead,
        _ => byte.Parse(stale.AsSpan("unk".Length), CultureInfo.InvariantCulture),
    };
}
