using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Work;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What running nodes answered about forty tips of their chains: weights, rates, stale shares, payouts, and the next share.</summary>
public class LiveStatisticsTests
{
    private static readonly JsonElement RecordedMini = Vectors.Json("live-3501/chain-mini.json").RootElement.GetProperty("tips");
    private static readonly JsonElement RecordedMini120 = Vectors.Json("live-3501/chain-mini120.json").RootElement.GetProperty("tips");

    public static TheoryData<string, int> Tips
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in (string[])["mini", "mini120"])
                for (var i = 0; i < Recorded(name).GetArrayLength(); i++) data.Add(name, i);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tips))]
    public void Tip_OfARunningNode_GivesItsFigures(string name, int index)
    {
        var tip = Recorded(name)[index];
        var live = LiveShares.Named(name);
        var chain = Chain(live, tip.Hash("tip"));
        Assert.Equal(tip.Hash("tip"), chain.BestHash());

        var statistics = chain.Statistics!;
        Assert.Equal(tip.GetProperty("height").GetInt32(), statistics.Height);
        var whole = tip.GetProperty("delta_to_last");
        Assert.Equal(Decimal(whole, "work"), statistics.Work);
        Assert.Equal(whole.GetProperty("height").GetInt32(), chain.Height);
        foreach (var each in tip.GetProperty("nth_parent").EnumerateArray())
            Assert.Equal(each.Hash("hash"), chain.Line(tip.Hash("tip"), int.MaxValue).ElementAt(each.GetProperty("n").GetInt32()).Share.Hash);

        foreach (var each in tip.GetProperty("get_cumulative_weights").EnumerateArray()) CheckWeights(each, chain, live);
        foreach (var each in tip.GetProperty("get_pool_attempts_per_second").EnumerateArray()) CheckRate(each, statistics);
        foreach (var each in tip.GetProperty("get_average_stale_prop").EnumerateArray())
            Assert.Equal(each.Real("result"), statistics.Last(each.GetProperty("lookbehind").GetInt32()).StaleProportion, 12);
        foreach (var each in tip.GetProperty("get_stale_counts").EnumerateArray()) CheckStale(each, statistics);
        foreach (var each in tip.GetProperty("get_desired_version_counts").EnumerateArray())
            Assert.Equal(
                each.GetProperty("result").EnumerateObject().Select(vote => (ulong.Parse(vote.Name), UInt256.FromBigInteger(Number(vote.Value)))),
                statistics.Last(each.GetProperty("dist").GetInt32()).WorkByDesiredVersion().Select(vote => (vote.Key, vote.Value)));
        foreach (var each in tip.GetProperty("get_expected_payouts").EnumerateArray()) CheckPayouts(each, statistics);

        var users = statistics.Last(int.MaxValue).StaleProportions();
        var recorded = tip.GetProperty("get_user_stale_props").EnumerateObject().ToDictionary(user => user.Name, user => double.Parse(user.Value.GetString()!, CultureInfo.InvariantCulture));
        Assert.Equal(recorded.Keys.Order(StringComparer.Ordinal), users.Keys);
        Assert.All(users, user => Assert.Equal(recorded[user.Key], user.Value, 12));
    }

    [Theory]
    [MemberData(nameof(Tips))]
    public void Tip_OfARunningNode_GivesTheNextShare(string name, int index)
    {
        var tip = Recorded(name)[index];
        var live = LiveShares.Named(name);
        var chain = Chain(live, tip.Hash("tip"));
        var work = chain.BuildWork(Template(tip.Bits("block_bits")));
        Assert.Equal(tip.Hash("tip"), work.PreviousShare);
        Assert.Equal(chain.Height, work.ParentHeight);
        Assert.Equal(StaleInfo.None, work.StaleInfo);

        foreach (var each in tip.GetProperty("next_share").EnumerateArray())
        {
            var expected = SharePlace.Of(work).Fields(each.Number("desired_target"), each.GetProperty("desired_timestamp").GetUInt32());
            Assert.Equal(each.Bits("max_bits"), expected.MaxBits);
            Assert.Equal(each.Bits("bits"), expected.Bits);
            Assert.Equal(each.GetProperty("timestamp").GetUInt32(), expected.Timestamp);
            Assert.Equal(each.GetProperty("absheight").GetUInt32(), expected.AbsoluteHeight);
            Assert.Equal(each.Decimal("abswork"), ((UInt256)expected.AbsoluteWork).ToBigInteger());
            Assert.Equal(each.Hash("far_share_hash"), expected.FarShare);
        }
    }

    private static JsonElement Recorded(string name) => name == "mini" ? RecordedMini : RecordedMini120;

    private static ShareChain Chain(LiveShares live, Hash256 tip)
    {
        var chain = new ShareChain(live.Network, FixedHeights.AllAt(0));
        chain.Add(ChainSteps.Time(live.FirstSeen(tip) + 3600), live.Ancestry(tip).Select(share => share.SeenAt(0)));
        return chain;
    }

    private static void CheckWeights(JsonElement each, ShareChain chain, LiveShares live)
    {
        var forest = new ShareForest();
        foreach (var known in chain.Line(chain.BestHash()!.Value, int.MaxValue)) forest.Add(known);
        // The nodes say "no limit" with a number that is above any 256-bit one.
        var cap = UInt256.FromBigInteger(System.Numerics.BigInteger.Min(Number(each.GetProperty("desired_weight")) / 65535, UInt256.MaxValue.ToBigInteger()));
        var weights = PayoutWindows.Sum(forest.Find(chain.BestHash()!.Value)!, new PayoutWindow(each.GetProperty("max_shares").GetInt32(), cap));
        Assert.Equal(Decimal(each, "total_weight"), weights.Total);
        Assert.Equal(
            each.GetProperty("weights").EnumerateObject().Select(payee => (payee.Name, Decimal(payee.Value))).OrderBy(payee => payee.Name, StringComparer.Ordinal),
            weights.Payees.Select(payee => (payee.Address, payee.Weight)));
        Assert.Equal(
            Decimal(each, "donation_weight"), weights.Payees.Aggregate(weights.Total, (rest, payee) => rest - payee.Weight));
    }

    private static void CheckRate(JsonElement each, ChainStatistics statistics)
    {
        var window = statistics.Last(each.GetProperty("dist").GetInt32());
        var ofMaxTarget = each.GetProperty("min_work").GetBoolean();
        if (each.GetProperty("integer").GetBoolean())
            Assert.Equal(Decimal(each, "result"), (ofMaxTarget ? window.MaxTargetWork : window.Work) / window.Seconds);
        else
            Assert.Equal(each.Real("result"), ofMaxTarget ? window.MaxTargetAttemptsPerSecond : window.AttemptsPerSecond, 9);
    }

    private static void CheckStale(JsonElement each, ChainStatistics statistics)
    {
        var window = statistics.Last(each.GetProperty("lookbehind").GetInt32());
        var announced = window.AnnouncedWork();
        foreach (var kind in each.GetProperty("result").EnumerateObject())
        {
            var work = kind.Name == "good" ? window.Work : announced[Code(kind.Name)];
            Assert.Equal(Decimal(kind.Value), work);
            Assert.Equal(each.GetProperty("rates").Real(kind.Name), work.ToDouble() / window.Seconds, 9);
        }
        Assert.Equal(each.GetProperty("result").EnumerateObject().Count(kind => kind.Name != "good"), announced.Count);
    }

    private static void CheckPayouts(JsonElement each, ChainStatistics statistics)
    {
        var bits = CompactTarget.FromTargetUpperBound(each.Number("block_target"));
        Assert.Equal(each.Number("block_target"), bits.ToTarget());
        var payouts = statistics.ExpectedPayouts(bits, each.GetProperty("subsidy").GetUInt64());
        Assert.Equal(
            each.GetProperty("result").EnumerateObject().Select(payee => (payee.Name, (ulong)Number(payee.Value))).OrderBy(payee => payee.Name, StringComparer.Ordinal),
            payouts.Select(payee => (payee.Key, payee.Value)));
    }

    private static byte Code(string stale) => stale switch
    {
        "orphan" => StaleInfo.Orphan,
        "doa" => StaleInfo.Dead,
        _ => byte.Parse(stale.AsSpan("unk".Length)),
    };

    private static TemplateWork Template(CompactTarget bits) =>
        new(Hash256.Zero, 100, Hash256.Zero, 0x20000000, bits, 0, 5_000_000_000, [], Hash256.Zero, [], 0);

    private static UInt256 Decimal(JsonElement element, string name) => Decimal(element.GetProperty(name));

    private static UInt256 Decimal(JsonElement value) => UInt256.FromBigInteger(Number(value));

    private static System.Numerics.BigInteger Number(JsonElement value) =>
        System.Numerics.BigInteger.Parse(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), CultureInfo.InvariantCulture);
}
