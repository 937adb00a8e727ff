using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;
using Grainpool.P2Pool.Tests.Shares;
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
    public void Tip_OfARunningNode_GivesItsFiguresAndTheNextShare(string name, int index) => Assert.InRange(Parts(name, index).Count(), 90, int.MaxValue);

    /// <summary>The tips of a file in parts, each passing its check.</summary>
    internal static IEnumerable<GoldenPart> Parts(string name) => Enumerable.Range(0, Recorded(name).GetArrayLength()).SelectMany(index => Parts(name, index));

    private static IEnumerable<GoldenPart> Parts(string name, int index)
    {
        var (tip, live) = (Recorded(name)[index], LiveShares.Named(name));
        var hash = tip.Hash("tip");
        var (chain, forest) = (new ShareChain(live.Network, FixedHeights.AllAt(0)), new ShareForest());
        chain.Add(ChainSteps.Time(live.FirstSeen(hash) + 3600), live.Ancestry(hash).Select(share => share.SeenAt(0)));
        foreach (var share in live.Ancestry(hash)) forest.Add(share.SeenAt(0));
        var (node, statistics) = (forest.Find(hash)!, chain.Statistics!);
        var work = chain.BuildWork(Template(tip.Bits("block_bits")));
        Assert.Equal(hash, work.PreviousShare);
        Assert.Equal(chain.Height, work.ParentHeight);
        Assert.Equal(StaleInfo.None, work.StaleInfo);
        var place = SharePlace.Of(work);
        foreach (var member in tip.EnumerateObject())
        {
            Action<JsonElement> check = member.Name switch
            {
                "tip" => value => Assert.Equal(value.AsHash(), chain.BestHash()),
                "height" => value => Assert.Equal(value.GetInt32(), statistics.Height),
                "absheight" => value => Assert.Equal(value.GetUInt32(), node.Share.Share.Info.AbsoluteHeight),
                "block_bits" => value => Assert.Equal(value.GetString(), node.Share.FullHeader.Bits.ToString()),
                "block_attempts" => value => Assert.Equal(value.AsDecimal(), node.Share.FullHeader.Bits.AverageAttempts.ToBigInteger()),
                "delta_to_last" => value => CheckWhole(value, node, statistics),
                "nth_parent" => value => Assert.Equal(value.Hash("hash"), node.Ancestor(value.GetProperty("n").GetInt32())!.Hash),
                "get_cumulative_weights" => value => CheckWeights(value, node),
                "get_pool_attempts_per_second" => value => CheckRate(value, statistics),
                "get_average_stale_prop" => value => Assert.Equal(value.Real("result"), statistics.Last(value.GetProperty("lookbehind").GetInt32()).StaleProportion),
                "get_stale_counts" => value => CheckStale(value, statistics),
                "get_desired_version_counts" => value => CheckVotes(value, statistics),
                "get_expected_payouts" => value => CheckPayouts(value, statistics),
                "get_user_stale_props" => value => CheckUsers(value, statistics),
                "next_share" => value => CheckNextShare(value, place),
                "next_share_gentx" => value => CheckNextCoinbase(value, live, tip, place),
                var other => throw new FormatException(other),
            };
            foreach (var (path, value) in member.Value.ValueKind == JsonValueKind.Array
                ? member.Value.EnumerateArray().Select(item => (member.Name + ".#", item))
                : [(member.Name, member.Value)])
            {
                check(value);
                yield return new GoldenPart("tips.#." + path, value, check);
            }
        }
    }

    private static void CheckWhole(JsonElement whole, ShareNode node, ChainStatistics statistics)
    {
        Assert.Equal(whole.Decimal("work"), statistics.Work.ToBigInteger());
        Assert.Equal(whole.Decimal("min_work"), node.SumsToTail.MaxTargetWork.ToBigInteger());
        Assert.Equal(whole.GetProperty("height").GetInt32(), node.Height);
        Assert.Equal(whole.Hash("last"), node.Tail);
    }

    private static void CheckVotes(JsonElement each, ChainStatistics statistics) => Assert.Equal(
        each.GetProperty("result").EnumerateObject().Select(vote => (ulong.Parse(vote.Name, CultureInfo.InvariantCulture), vote.Value.AsDecimal())),
        statistics.Last(each.GetProperty("dist").GetInt32()).WorkByDesiredVersion().Select(vote => (vote.Key, vote.Value.ToBigInteger())));

    private static void CheckUsers(JsonElement recorded, ChainStatistics statistics)
    {
        var users = statistics.Last(int.MaxValue).RateByPayee();
        Assert.Equal(
            recorded.EnumerateObject().Select(user => (user.Name, user.Value.AsReal())).OrderBy(user => user.Name, StringComparer.Ordinal),
            users.Select(user => (user.Key, user.Value.StaleProportion)));
    }

    private static void CheckNextShare(JsonElement each, SharePlace place)
    {
        var expected = place.Fields(each.Number("desired_target"), each.GetProperty("desired_timestamp").GetUInt32());
        Assert.Equal(each.Bits("max_bits"), expected.MaxBits);
        Assert.Equal(each.Bits("bits"), expected.Bits);
        Assert.Equal(each.GetProperty("timestamp").GetUInt32(), expected.Timestamp);
        Assert.Equal(each.GetProperty("absheight").GetUInt32(), expected.AbsoluteHeight);
        Assert.Equal(each.Decimal("abswork"), ((UInt256)expected.AbsoluteWork).ToBigInteger());
        Assert.Equal(each.Hash("far_share_hash"), expected.FarShare);
    }

    // The whole coinbase of a share on this tip. What the share would say follows from its packed info; its own nonce is zero.
    private static void CheckNextCoinbase(JsonElement each, LiveShares live, JsonElement tip, SharePlace place)
    {
        var reader = new ByteReader(each.Hex("ref_packed"));
        Assert.Equal(live.Network.Identifier, reader.Bytes(live.Network.Identifier.Length).ToArray());
        var info = ShareInfo.Read(ref reader, ShareVersionRules.Version35);
        reader.End();
        Assert.Equal(tip.Hash("tip"), info.PreviousShare);
        var expected = place.Fields(each.Number("last_desired_target"), each.GetProperty("desired_timestamp").GetUInt32());
        Assert.Equal(expected, new ExpectedFields(info.MaxBits, info.Bits, info.Timestamp, info.AbsoluteHeight, info.AbsoluteWork, info.FarShare));
        var data = each.GetProperty("share_data");
        Assert.Equal(
            (data.Text("address"), data.Decimal("desired_version"), data.Decimal("donation"), data.Decimal("nonce"), data.Decimal("subsidy")),
            (info.Address, info.DesiredVersion, info.Donation, info.Nonce, info.Subsidy));
        data.GetProperty("coinbase").IsHexOf(info.CoinbaseScript.AsSpan());
        Assert.Equal(ChainVectorTests.Stale(data.GetProperty("stale_info")), info.StaleInfo);

        var parent = live[info.PreviousShare];
        var share = parent.Share with { Info = info, ReferenceBranch = [], LastTxOutNonce = 0, FullHashBranch = [] };
        var reference = ReferenceHash.Of(live.Network, ShareVersionRules.Version35, info, []);
        each.GetProperty("ref_hash").IsHexOf(reference.ToBytes());
        var header = parent.FullHeader with { Bits = tip.Bits("block_bits") };
        var script = new PayeeScripts(live.Network.Parent).Find(info.Address)!.Value;
        var next = new CheckedShare(share, Hash256.Zero, UInt256.Zero, header, reference, Hash256.Zero, script, []);
        var context = live.Held.At(info.PreviousShare, header.Bits);
        each.GetProperty("gentx_stripped").IsHexOf(new ShareVerification(live.Network).Coinbase(next, context));
    }

    private static JsonElement Recorded(string name) => name == "mini" ? RecordedMini : RecordedMini120;

    private static void CheckWeights(JsonElement each, ShareNode node)
    {
        Assert.True((each.Decimal("desired_weight") % 65535).IsZero);
        // The nodes say "no limit" with a number that is above any 256-bit one.
        var cap = UInt256.FromBigInteger(System.Numerics.BigInteger.Min(Number(each.GetProperty("desired_weight")) / 65535, UInt256.MaxValue.ToBigInteger()));
        var weights = PayoutWindows.Sum(node, new PayoutWindow(each.GetProperty("max_shares").GetInt32(), cap));
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
            Assert.Equal(each.Real("result"), ofMaxTarget ? window.MaxTargetAttemptsPerSecond : window.AttemptsPerSecond);
        if (!ofMaxTarget) Assert.Equal(window.AttemptsPerSecond, window.RateByPayee().Values.Sum(payee => payee.AttemptsPerSecond), window.AttemptsPerSecond * 1e-12);
    }

    private static void CheckStale(JsonElement each, ChainStatistics statistics)
    {
        var window = statistics.Last(each.GetProperty("lookbehind").GetInt32());
        var announced = window.AnnouncedWork();
        foreach (var kind in each.GetProperty("result").EnumerateObject())
        {
            var work = kind.Name == "good" ? window.Work : announced[Code(kind.Name)];
            Assert.Equal(Decimal(kind.Value), work);
            Assert.Equal(each.GetProperty("rates").Real(kind.Name), work.ToDouble() / window.Seconds);
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
