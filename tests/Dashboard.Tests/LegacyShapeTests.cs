using System.Text.Json;

namespace Grainpool.Dashboard.Tests;

/// <summary>
/// The interface for programs made for the legacy nodes beside what such nodes really answered: the same names, kinds of values, type and headers. Which figures
/// stand there is another matter: the chain of those nodes is not recorded.
/// </summary>
public sealed class LegacyShapeTests
{
    // Integers in one node and not in another, as its operator wishes.
    private static readonly string[] AnyNumber = ["/fee", "/local_stats.fee"];

    // Names that are addresses or labels of miners.
    private static readonly string[] Maps =
        ["/current_payouts", "/local_stats.miner_hash_rates", "/local_stats.miner_dead_hash_rates", "/local_stats.miner_last_difficulties"];

    [Theory]
    [InlineData("/local_stats")]
    [InlineData("/global_stats")]
    [InlineData("/current_payouts")]
    [InlineData("/recent_blocks")]
    [InlineData("/rate")]
    [InlineData("/difficulty")]
    [InlineData("/fee")]
    [InlineData("/uptime")]
    [InlineData("/payout_addr")]
    [InlineData("/payout_addrs")]
    [InlineData("/web/version")]
    [InlineData("/web/currency_info")]
    [InlineData("/web/best_share_hash")]
    public async Task Answer_HasTheShapeOfARunningNodes(string path)
    {
        await using var site = await DashboardFixture.Start(DashboardFixture.View(DashboardFixture.Chain), DashboardFixture.TwoMiners);
        var (headers, body) = Recorded("http_f1", path);

        using var answer = await site.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(headers.GetProperty("Content-Type").GetString(), answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(headers.GetProperty("Access-Control-Allow-Origin").GetString(), Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        using var ours = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        AssertAlike(path, body, ours.RootElement);
    }

    [Theory]
    [InlineData("/local_stats")]
    [InlineData("/global_stats")]
    [InlineData("/recent_blocks")]
    public async Task NodeWithoutShares_SaysSoAsTheLegacyNodesDo(string path)
    {
        await using var site = await DashboardFixture.Start(null, DashboardFixture.TwoMiners);
        var (_, body) = Recorded("http_empty_node", path);

        Assert.Equal(body.GetRawText(), (await site.Json(path)).GetRawText());
    }

    private static (JsonElement Headers, JsonElement Body) Recorded(string file, string path)
    {
        var answer = Vectors.Json($"live-3501/{file}.json").RootElement.GetProperty("answers").EnumerateArray()
            .First(answer => answer.GetProperty("method").GetString() == "GET" && answer.GetProperty("path").GetString() == path);
        return (answer.GetProperty("headers"), answer.GetProperty("json"));
    }

    private static void AssertAlike(string path, JsonElement theirs, JsonElement ours)
    {
        Assert.True(theirs.ValueKind == ours.ValueKind, $"{path} is {ours}, where a node has {theirs}");
        switch (theirs.ValueKind)
        {
            case JsonValueKind.Object when Maps.Contains(path):
                Assert.NotEmpty(ours.EnumerateObject());
                Assert.All(ours.EnumerateObject(), member => AssertAlike(path + ".*", theirs.EnumerateObject().First().Value, member.Value));
                break;
            case JsonValueKind.Object:
                Assert.Equal(
                    theirs.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal), ours.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
                foreach (var member in theirs.EnumerateObject()) AssertAlike($"{path}.{member.Name}", member.Value, ours.GetProperty(member.Name));
                break;
            case JsonValueKind.Array:
                if (theirs.GetArrayLength() == 0) break;
                Assert.NotEmpty(ours.EnumerateArray());
                Assert.All(ours.EnumerateArray(), item => AssertAlike(path + ".#", theirs[0], item));
                break;
            case JsonValueKind.Number when !AnyNumber.Contains(path) && theirs.TryGetInt64(out _):
                // Scanners drop a node whose counts have a fraction.
                Assert.True(ours.TryGetInt64(out _), $"{path} is {ours}, where a node has the integer {theirs}");
                break;
        }
    }
}
