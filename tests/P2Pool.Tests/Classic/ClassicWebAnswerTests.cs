using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>
/// What a running node answered to browsers about its chain, while that grew by three shares. Each leaf of these answers is changed once, and must be missed.
/// </summary>
public class ClassicWebAnswerTests(ITestOutputHelper output)
{
    private const string File = "live-1800/webapi_node2.jsonl";

    // Of the block being worked on, as its other answers say.
    private const ulong Subsidy = 5_000_759_900;

    private static readonly ClassicLiveChain Live = ClassicLiveChain.Of("shares");

    private static readonly NetworkParameters Network = Live.Network;

    // The answer, how many shares the chain had at that moment, and what the chain says there.
    private static readonly Dictionary<string, (int Height, Action<ChainStatistics, JsonElement> Check)> Checks = new()
    {
        ["global_stats"] = (237, CheckPool),
        ["current_payouts"] = (237, CheckPayouts),
        ["recent_blocks"] = (237, CheckBlocks),
        ["rate"] = (238, (chain, value) => Assert.Equal(value.AsReal(), chain.RateWindow.PoolAttemptsPerSecond)),
        ["users"] = (238, CheckUsers),
        ["user_stales"] = (239, CheckLosses),
        ["stale_rates"] = (239, CheckLostWork),
        ["difficulty"] = (239, (_, value) => Assert.Equal(value.AsReal(), Targets.Difficulty(Live.Shares[238].MaxTarget))),
        ["web/best_share_hash"] = (240, (_, value) => Assert.Equal(value.AsHash(), Live.Shares[239].Hash)),
    };

    public static TheoryData<string> Paths => [.. Checks.Keys];

    [Theory]
    [MemberData(nameof(Paths))]
    public void AnswerOfARunningNode_IsWhatTheChainSays_ToTheLastLeaf(string path)
    {
        var (height, check) = Checks[path];
        var body = Vectors.JsonLines(File).Single(line => line.RootElement.Text("path") == path).RootElement.Text("body");
        var chain = new ShareChain(Network, FixedHeights.AllAt(0));
        chain.Add(ChainSteps.Time(1_800_000_000), Live.Shares.Take(height).Select(share => share.SeenAt(0)));
        var statistics = chain.Statistics!;
        Assert.Equal(height, statistics.Height);
        check(statistics, Parse(body));

        var text = Encoding.UTF8.GetBytes(body);
        var leaves = JsonLeaf.Of(text);
        Assert.NotEmpty(leaves);
        foreach (var leaf in leaves)
            Assert.False(Passes(Encoding.UTF8.GetString(leaf.Changed(text))), $"a change goes unnoticed: {leaf.In(text)}");
        output.WriteLine($"{path}: {leaves.Count} leaves");

        bool Passes(string changed)
        {
            try
            {
                check(statistics, Parse(changed));
                return true;
            }
            catch (Exception noticed) when (noticed is Xunit.Sdk.XunitException or FormatException or KeyNotFoundException)
            {
                return false;
            }
        }
    }

    private static CompactTarget BlockBits(ChainStatistics chain) => Live.Shares[chain.Height - 1].FullHeader.Bits;

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    private static void CheckPool(ChainStatistics chain, JsonElement answer)
    {
        var hour = chain.LastHour;
        var difficulty = Targets.Difficulty(BlockBits(chain).ToTarget());
        var expected = new Dictionary<string, double>
        {
            ["pool_nonstale_hash_rate"] = hour.AttemptsPerSecond,
            ["pool_hash_rate"] = hour.PoolAttemptsPerSecond,
            ["pool_stale_prop"] = hour.StaleProportion,
            ["min_difficulty"] = Targets.Difficulty(Live.Shares[chain.Height - 1].MaxTarget),
            ["network_block_difficulty"] = difficulty,
            ["network_hashrate"] = Math.Floor(difficulty * 4294967296 / Network.Parent.BlockPeriod.TotalSeconds),
        };
        AssertSame(expected, answer);
    }

    private static void CheckPayouts(ChainStatistics chain, JsonElement answer)
    {
        Assert.Equal(
            chain.ExpectedPayouts(BlockBits(chain), Subsidy).Select(payee => (AddressOf(payee.Key), payee.Value)).OrderBy(payee => payee.Item1, StringComparer.Ordinal),
            answer.EnumerateObject().Select(payee => (payee.Name, (ulong)(payee.Value.GetDecimal() * 100_000_000))).OrderBy(payee => payee.Name, StringComparer.Ordinal));
        // The text of an amount is that of its number.
        foreach (var payee in answer.EnumerateObject()) payee.Value.AsReal();
    }

    private static void CheckBlocks(ChainStatistics chain, JsonElement answer) => Assert.Equal(
        chain.RecentBlocks().Select(block => (
            block.Share.Hash, block.Share.Hash, (int?)CoinbaseScript.HeightOf(block.Share.Share.Info.CoinbaseScript.AsSpan()), block.Share.Share.Info.Timestamp)),
        answer.EnumerateArray().Select(block => (block.Hash("share"), block.Hash("hash"), (int?)block.GetProperty("number").GetInt32(), block.GetProperty("ts").GetUInt32())));

    // The fraction of the work of the newest 720 shares, donations left out.
    private static void CheckUsers(ChainStatistics chain, JsonElement answer)
    {
        var forest = new ShareForest();
        foreach (var share in Live.Shares.Take(chain.Height)) forest.Add(share.SeenAt(0));
        var weights = PayoutWindows.Sum(forest.Find(Live.Shares[chain.Height - 1].Hash)!, new PayoutWindow(720, UInt256.MaxValue));
        AssertSame(weights.Payees.ToDictionary(payee => AddressOf(payee.Address), payee => Quotient(payee.Weight, weights.Total)), answer);
    }

    // Over the whole chain. The older nodes show every payee as if it were a key hash.
    private static void CheckLosses(ChainStatistics chain, JsonElement answer) => AssertSame(
        chain.Last(int.MaxValue).RateByPayee().ToDictionary(payee => AsKeyHash(payee.Key), payee => payee.Value.StaleProportion), answer);

    private static void CheckLostWork(ChainStatistics chain, JsonElement answer)
    {
        var window = chain.RateWindow;
        var rates = window.AnnouncedWork().ToDictionary(
            kind => kind.Key switch { StaleInfo.Orphan => "orphan", StaleInfo.Dead => "doa", var other => $"unk{other}" }, kind => kind.Value.ToDouble() / window.Seconds);
        rates["good"] = window.AttemptsPerSecond;
        AssertSame(rates, answer);
    }

    private static void AssertSame(Dictionary<string, double> expected, JsonElement answer) => Assert.Equal(
        expected.Select(each => (each.Key, each.Value)).OrderBy(each => each.Key, StringComparer.Ordinal),
        answer.EnumerateObject().Select(each => (each.Name, each.Value.AsReal())).OrderBy(each => each.Name, StringComparer.Ordinal));

    // Weights are kept by scripts; the donation's pays a key, whose address is written with the version of this network.
    private static string AddressOf(string script)
    {
        if (script != Network.DonationPayee) return ScriptAddress.Of(Convert.FromHexString(script), Network)!;
        var hash = new byte[21];
        Assert.Equal(Base58.Outcome.Decoded, Base58.Decode(Network.DonationAddress, hash));
        return Base58.Encode(Network.Parent.PublicKeyHashVersion, hash.AsSpan(1));
    }

    private static string AsKeyHash(string script)
    {
        var payee = Live.Shares.First(share => share.PayeeName == script).Share.Info.KeyHash;
        return Base58.Encode(Network.Parent.PublicKeyHashVersion, payee.ToBytes());
    }

    // The nearest double.
    private static double Quotient(UInt256 part, UInt256 whole) =>
        double.Parse($"{part.ToBigInteger() * BigInteger.Pow(10, 40) / whole.ToBigInteger()}e-40", CultureInfo.InvariantCulture);
}
