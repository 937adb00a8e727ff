using System.Globalization;
using System.Text.Json;
using Grainpool.EndToEnd.Failures;
using Grainpool.EndToEnd.Payouts;

namespace Grainpool.EndToEnd.Peers;

/// <summary>The launcher twice on one machine, as the README says: two nodes of one network on one simulated coin.</summary>
public sealed class JoinTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SecondNode_JoinsTheFirst_AndEachHasTheSharesOfBoth()
    {
        await using var first = new LocalPool("--storage", "file", "--miners", "1");
        await first.Start(Cancellation);
        await first.Said("share accepted", Patience, Cancellation);
        await using var second = new LocalPool("--storage", "file", "--miners", "1", "--join", first.PortOffset.ToString(CultureInfo.InvariantCulture));
        await second.Start(Cancellation);
        await second.Said("The share chain of devnet is here", Patience, Cancellation);

        foreach (var pool in new[] { first, second })
        {
            using var site = pool.Site();
            await Until.True("own shares and such of the other node in one chain", Patience, async token => await HasSharesOfBoth(site, token), Cancellation);
        }
    }

    private static async Task<bool> HasSharesOfBoth(ShareSite site, CancellationToken cancellation)
    {
        using var overview = JsonDocument.Parse(await site.Text("api/v1/overview", cancellation));
        var own = overview.RootElement.GetProperty("chain").GetProperty("recentShares").EnumerateArray().Select(share => share.GetProperty("own").GetBoolean()).ToHashSet();
        return own.Count == 2;
    }
}
