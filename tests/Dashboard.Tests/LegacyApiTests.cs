using System.Net;
using System.Text.Json;

namespace Grainpool.Dashboard.Tests;

public sealed class LegacyApiTests
{
    [Fact]
    public async Task LocalStats_OfAKnownChain_HasTheTypesThatScannersInsistOn()
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);

        var stats = await site.Json("/local_stats");

        Assert.Equal(1500, stats.GetProperty("miner_hash_rates").GetProperty("VAlice.rig1").GetDouble());
        Assert.False(stats.GetProperty("miner_dead_hash_rates").TryGetProperty("VAlice.rig1", out _));
        Assert.Equal(0.25, stats.GetProperty("miner_last_difficulties").GetProperty("VAlice").GetDouble());
        Assert.Equal("1048577", stats.GetProperty("attempts_to_share").GetRawText());
        Assert.Matches("^[0-9]+$", stats.GetProperty("attempts_to_block").GetRawText());
        Assert.Equal("3501", stats.GetProperty("protocol_version").GetRawText());
        Assert.Equal(1.5, stats.GetProperty("fee").GetDouble());
        Assert.Equal(0, stats.GetProperty("donation_proportion").GetDouble());
        Assert.Equal(6.25030862, stats.GetProperty("block_value").GetDouble());
        Assert.Equal(6, stats.GetProperty("my_share_counts_in_last_hour").GetProperty("shares").GetInt32());
        Assert.Equal(1, stats.GetProperty("my_share_counts_in_last_hour").GetProperty("orphan_stale_shares").GetInt32());
        Assert.Equal("DEPRECATED", stats.GetProperty("my_hash_rates_in_last_hour").GetProperty("note").GetString());
        Assert.Equal(10, stats.GetProperty("shares").GetProperty("total").GetInt32());
        Assert.Equal(0.7 / 0.75, stats.GetProperty("efficiency").GetDouble(), 12);
        Assert.Equal(0.9 / 0.75, stats.GetProperty("efficiency_if_miner_perfect").GetDouble(), 12);
        Assert.Empty(stats.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task LocalStats_WhenNoSiloEverAnswered_IsNull()
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);

        Assert.Equal(JsonValueKind.Null, (await site.Json("/local_stats")).ValueKind);
        Assert.Equal(JsonValueKind.Null, (await site.Json("/global_stats")).ValueKind);
        Assert.Equal(JsonValueKind.Array, (await site.Json("/recent_blocks")).ValueKind);
    }

    [Fact]
    public async Task LocalStats_WhileNoWorkIsHandedOut_WarnsWithTheReason()
    {
        var chain = DashboardFixture.Chain with { NoWorkReason = "waiting for a daemon" };
        await using var site = await DashboardFixture.Start(DashboardFixture.View(chain), DashboardFixture.TwoMiners);

        var warning = Assert.Single((await site.Json("/local_stats")).GetProperty("warnings").EnumerateArray());
        Assert.Equal("waiting for a daemon", warning.GetString());
    }

    [Fact]
    public async Task RecentBlocks_NamesBlockAndShareAlike()
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);

        var block = Assert.Single((await site.Json("/recent_blocks")).EnumerateArray());

        Assert.Equal(new string('0', 61) + "12f", block.GetProperty("hash").GetString());
        Assert.Equal(block.GetProperty("hash").GetString(), block.GetProperty("share").GetString());
        Assert.Equal(2_632_555, block.GetProperty("number").GetInt32());
        Assert.Equal(1_782_177_126, block.GetProperty("ts").GetInt32());
    }

    [Fact]
    public async Task GlobalStats_LeavesStaleWorkOutOfTheNonstaleRate()
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);

        var stats = await site.Json("/global_stats");

        Assert.Equal(40_000, stats.GetProperty("pool_hash_rate").GetDouble());
        Assert.Equal(30_000, stats.GetProperty("pool_nonstale_hash_rate").GetDouble());
        Assert.Equal(0.06249910592947572 / 256, stats.GetProperty("min_difficulty").GetDouble(), 15);
    }

    [Theory]
    [InlineData("/local_stats")]
    [InlineData("/recent_blocks")]
    [InlineData("/fee")]
    [InlineData("/web/currency_info")]
    [InlineData("/api/v1/overview")]
    public async Task EveryAnswer_MayBeReadByOtherOrigins(string path)
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);

        using var answer = await site.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task CurrentPayouts_AreCoinsByAddress()
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);

        var payouts = await site.Json("/current_payouts");

        Assert.Equal(0.39104411, payouts.GetProperty("VAlice").GetDouble());
        Assert.Equal(1.7e-07, payouts.GetProperty("VBob").GetDouble());
    }

    [Theory]
    [InlineData("xyz")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000")]
    public async Task ShareData_OfAnImpossibleHash_SaysWhatAHashLooksLike(string hash)
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);

        using var answer = await site.Client.GetAsync("/web/share_data/" + hash, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("64 hex digits", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ShareData_OfAKnownShare_IsItsBytes()
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);

        Assert.Equal([35, 0], await site.Client.GetByteArrayAsync("/web/share_data/abc", TestContext.Current.CancellationToken));
        Assert.Empty(await site.Client.GetByteArrayAsync("/web/share_data/abd", TestContext.Current.CancellationToken));
    }
}
