using System.Net;

namespace Grainpool.Dashboard.Tests;

public sealed class PagesTests
{
    [Fact]
    public async Task Root_LeadsToThePage_OneLevelBelowTheInterface()
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);

        using var root = await site.Client.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, root.StatusCode);
        Assert.Equal("/static/", root.Headers.Location?.ToString());

        var page = await site.Client.GetStringAsync("/static/", TestContext.Current.CancellationToken);
        Assert.Contains("<title>Grainpool</title>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/static/app.js", "text/javascript")]
    [InlineData("/static/style.css", "text/css")]
    [InlineData("/static/icon.svg", "image/svg+xml")]
    public async Task PartsOfThePage_AreServedWithTheirType(string path, string type)
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);

        using var answer = await site.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(DifficultyBound.Least, "least", "(least)")]
    [InlineData(DifficultyBound.Share, "share", "(share)")]
    [InlineData(DifficultyBound.Miner, "miner", "(own)")]
    public async Task DifficultyThatDoesNotFollowTheSpeed_HasAWordOnThePage(DifficultyBound bound, string word, string shown)
    {
        var miners = DashboardFixture.TwoMiners;
        await using var site = await DashboardFixture.Start(null, miners with { Miners = [miners.Miners[0] with { Bound = bound }] });

        var miner = (await site.Json("/api/v1/overview")).GetProperty("local").GetProperty("miners")[0];
        var script = await site.Client.GetStringAsync("/static/app.js", TestContext.Current.CancellationToken);

        Assert.Equal(word, miner.GetProperty("bound").GetString());
        Assert.Matches($@"const bounds = \{{[^}}]*\b{word}: \[' {System.Text.RegularExpressions.Regex.Escape(shown)}'", script);
    }

    [Fact]
    public async Task Overview_BeforeAnySiloAnswered_StillShowsTheLocalMiners()
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);

        var overview = await site.Json("/api/v1/overview");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, overview.GetProperty("chain").ValueKind);
        Assert.Equal(2000, overview.GetProperty("local").GetProperty("hashRate").GetDouble());
    }

    [Fact]
    public async Task Overview_OfAKnownChain_CarriesDifficultiesAndTheExpectedTimeToABlock()
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);

        var chain = (await site.Json("/api/v1/overview")).GetProperty("chain");

        Assert.Equal(20, chain.GetProperty("height").GetInt32());
        Assert.Equal(new string('0', 61) + "abc", chain.GetProperty("best").GetString());
        Assert.True(chain.GetProperty("secondsPerBlock").GetDouble() > 0);
    }

    [Fact]
    public async Task Overview_OfAKnownChain_CarriesLuckAndWhoWorkedHowMuch()
    {
        var known = DashboardFixture.Chain with { ExpectedBlocks = 0.8, PayeeRates = [new("VAlice", 30_000, 0.5), new("VBob", 1, 0)] };
        await using var site = await DashboardFixture.Start(DashboardFixture.View(known), DashboardFixture.TwoMiners);

        var chain = (await site.Json("/api/v1/overview")).GetProperty("chain");

        Assert.Equal((1, 0.8, 1.25), (chain.GetProperty("blocksSolved").GetInt32(), chain.GetProperty("blocksExpected").GetDouble(), chain.GetProperty("luck").GetDouble()));
        var first = chain.GetProperty("payeeRates")[0];
        Assert.Equal(("VAlice", 30_000, 0.5), (first.GetProperty("address").GetString(), first.GetProperty("hashRate").GetDouble(), first.GetProperty("staleProportion").GetDouble()));
        Assert.Empty(chain.GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task Overview_WithoutWork_KnowsNoLuck()
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain with { Blocks = [] }), DashboardFixture.TwoMiners);

        var chain = (await site.Json("/api/v1/overview")).GetProperty("chain");

        Assert.Equal(System.Text.Json.JsonValueKind.Null, chain.GetProperty("luck").ValueKind);
    }

    [Theory]
    [InlineData("/api/v1/overview", "chain")]
    [InlineData("/local_stats", null)]
    public async Task VersionMostOfThePoolGoesTo_AndWeDoNotKnow_IsWarnedOf(string path, string? part)
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain with { UnknownVersion = 36 }), DashboardFixture.TwoMiners);

        var answer = await site.Json(path);
        var warning = Assert.Single((part is null ? answer : answer.GetProperty(part)).GetProperty("warnings").EnumerateArray()).GetString()!;

        Assert.Contains("Update Grainpool", warning, StringComparison.Ordinal);
        Assert.Contains("share version 36", warning, StringComparison.Ordinal);
    }
}
