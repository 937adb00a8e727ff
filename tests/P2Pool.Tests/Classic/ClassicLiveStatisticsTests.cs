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
        var json = Vectors.Json($"live-1800/{chainFile}.json").RootElement;
        var network = ClassicShares.Recorded(json.GetProperty("net"));
        var shares = Vectors.Json($"live-1800/{sharesFile}.json").RootElement.GetProperty("shares").EnumerateArray()
            .Select(record => ClassicShares.Checked(network, record.Hex("wire_hex"), record.Number("pow_hash"))).ToList();
        var (chain, slow, forest) = (new ShareChain(network, FixedHeights.AllAt(0)), new SlowChain(network), new ShareForest());
        var tips = json.GetProperty("tips").EnumerateArray().ToDictionary(tip => tip.GetProperty("height").GetInt32());
        Assert.Equal(17, tips.Count);
        foreach (var share in shares)
        {
            chain.Add(ChainSteps.Time(1_800_000_000), share.SeenAt(0));
            slow.Add(share);
            var node = forest.Add(share.SeenAt(0));
            if (!tips.Remove(chain.Height, out var tip)) continue;
            Assert.Equal(tip.Hash("tip"), chain.BestHash());
            CheckStatistics(tip, chain.Statistics!, node);
            CheckNextShare(tip, slow.At(share.Hash, new CompactTarget(0x1e0fffff)).Parent, network);
        }
        Assert.Empty(tips);
    }

    private static void CheckStatistics(JsonElement tip, ChainStatistics statistics, ShareNode node)
    {
        Assert.Equal(tip.Decimal("work_delta_to_last"), statistics.Work.ToBigInteger());
        Assert.Equal(tip.Decimal("min_work_delta_to_last"), node.SumsToTail.MaxTargetWork.ToBigInteger());
        foreach (var each in tip.GetProperty("get_cumulative_weights").EnumerateArray()) CheckWeights(each, node);
        foreach (var each in tip.GetProperty("get_pool_attempts_per_second").EnumerateArray()) CheckRate(each, statistics);
        foreach (var each in tip.GetProperty("expected_payouts").EnumerateArray()) CheckPayouts(each, statistics);

        var window = statistics.Last(LookBehind);
        // Not asked of the shortest chains.
        Assert.Equal(window.Shares > 1, tip.TryGetProperty("average_stale_prop", out _));
        if (window.Shares > 1) CheckStale(tip, window);
        Assert.Equal(
            tip.GetProperty("desired_version_counts").EnumerateObject().Select(vote => (ulong.Parse(vote.Name, CultureInfo.InvariantCulture), Number(vote.Value))),
            statistics.Last(int.MaxValue).WorkByDesiredVersion().Select(vote => (vote.Key, vote.Value.ToBigInteger())));
    }

    private static void CheckStale(JsonElement tip, ChainWindow window)
    {
        Assert.Equal(tip.Real("average_stale_prop"), window.StaleProportion, 12);
        var announced = window.AnnouncedWork();
        foreach (var kind in tip.GetProperty("stale_counts").EnumerateObject())
            Assert.Equal(Number(kind.Value), (kind.Name == "good" ? window.Work : announced[Code(kind.Name)]).ToBigInteger());
        Assert.Equal(tip.GetProperty("stale_counts").EnumerateObject().Count(kind => kind.Name != "good"), announced.Count);
    }

    private static void CheckNextShare(JsonElement tip, ParentView? parent, NetworkParameters network)
    {
        var place = SharePlace.After(network, parent);
        foreach (var each in tip.GetProperty("next_share").EnumerateArray())
        {
            Assert.Equal(each.Number("previous_max_target"), parent!.MaxTarget);
            Assert.Equal(each.GetProperty("previous_timestamp").GetUInt32(), parent.Timestamp);
            var expected = place.Fields(each.Number("desired_target"), each.GetProperty("desired_timestamp").GetUInt32());
            Assert.Equal(each.Bits("max_bits"), expected.MaxBits);
            Assert.Equal(each.Bits("bits"), expected.Bits);
            Assert.Equal(each.GetProperty("timestamp").GetUInt32(), expected.Timestamp);
            Assert.Equal(each.GetProperty("absheight").GetUInt32(), expected.AbsoluteHeight);
            Assert.Equal(each.Decimal("abswork"), ((UInt256)expected.AbsoluteWork).ToBigInteger());
            Assert.Equal(each.Hash("far_share_hash"), expected.FarShare);
        }
    }

    private static void CheckWeights(JsonElement each, ShareNode node)
    {
        // The nodes say "no limit" with a number that is above any 256-bit one.
        var cap = UInt256.FromBigInteger(BigInteger.Min(each.Decimal("desired_weight") / 65535, UInt256.MaxValue.ToBigInteger()));
        var weights = PayoutWindows.Sum(node, new PayoutWindow(each.GetProperty("max_shares").GetInt32(), cap));
        Assert.Equal(each.Decimal("total_weight"), weights.Total.ToBigInteger());
        Assert.Equal(
            each.GetProperty("weights").EnumerateObject().Select(payee => (payee.Name, Number(payee.Value))).OrderBy(payee => payee.Name, StringComparer.Ordinal),
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
            Assert.Equal(each.Real("result"), ofMaxTarget ? window.MaxTargetAttemptsPerSecond : window.AttemptsPerSecond, 9);
    }

    private static void CheckPayouts(JsonElement each, ChainStatistics statistics)
    {
        var bits = CompactTarget.FromTargetUpperBound(each.Number("block_target"));
        Assert.Equal(each.Number("block_target"), bits.ToTarget());
        Assert.Equal(
            each.GetProperty("payouts").EnumerateObject().Select(payee => (payee.Name, (ulong)Number(payee.Value))).OrderBy(payee => payee.Name, StringComparer.Ordinal),
            statistics.ExpectedPayouts(bits, each.GetProperty("subsidy").GetUInt64()).Select(payee => (payee.Key, payee.Value)));
    }

    private static byte Code(string stale) => stale switch
    {
        "orphan" => StaleInfo.Orphan,
        "doa" => StaleInfo.Dead,
        _ => byte.Parse(stale.AsSpan("unk".Length), CultureInfo.InvariantCulture),
    };

    private static BigInteger Number(JsonElement value) =>
        BigInteger.Parse(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), CultureInfo.InvariantCulture);
}
