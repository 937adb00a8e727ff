using System.Text.Json;
using Grainpool.EndToEnd.Payouts;

namespace Grainpool.EndToEnd.Failures;

/// <summary>
/// The launcher with its own miners, on plain files. First everything is killed at once and started again: the same chain goes on. Then
/// it is asked to end: nothing stays behind.
/// </summary>
public sealed class RestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KillOfEverything_ThenAStart_ContinuesTheSameChain_AndLeavesNoProcessAtTheEnd()
    {
        await using var pool = new LocalPool("--storage", "file", "--miners", "2");
        await pool.Start(Cancellation);
        using var site = pool.Site();
        await pool.Said("TemplateGrain: Block 1 accepted", TimeSpan.FromMinutes(3), Cancellation);
        var durable = await Until.Found("ten shares of the chain stored", TimeSpan.FromMinutes(2), async token => await DurableBest(site, token), Cancellation);
        await pool.KillEverything(Cancellation);

        await pool.Start(Cancellation);
        var again = await Until.Found("a share on top of the old chain", TimeSpan.FromMinutes(2), async token =>
        {
            var best = await Best(site, token);
            return best is not null && best != durable && (await site.Line(best, token)).ContainsKey(durable) ? best : null;
        }, Cancellation);
        Assert.NotEqual(durable, again);

        var processes = new[] { "devnet", "silo", "gateway", "miner-1", "miner-2" }.SelectMany(pool.ProcessesOf).ToArray();
        Assert.Equal(5, processes.Length);
        Assert.Equal(0, await pool.Stop(Cancellation));
        Assert.DoesNotContain(processes, LocalPool.IsAlive);
    }

    private static async Task<string?> DurableBest(ShareSite site, CancellationToken cancellation)
    {
        using var overview = JsonDocument.Parse(await site.Text("api/v1/overview", cancellation));
        var chain = overview.RootElement.GetProperty("chain");
        return chain.GetProperty("lastSequence").GetInt64() is >= 10 and var last && chain.GetProperty("durableThrough").GetInt64() == last
            ? chain.GetProperty("best").GetString()
            : null;
    }

    private static async Task<string?> Best(ShareSite site, CancellationToken cancellation)
    {
        using var overview = JsonDocument.Parse(await site.Text("api/v1/overview", cancellation));
        return overview.RootElement.GetProperty("chain").GetProperty("best").GetString();
    }
}
