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
}
