using Grainpool.Dashboard;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Work;
using Grainpool.Hosting.Settings;
using Microsoft.Extensions.Options;

namespace Grainpool.Gateway.Miners;

/// <summary>What the web pages see of this gateway's miners.</summary>
internal sealed class LocalMinersView(
    MinerBook book, GatewayIdentity identity, IConnectionCount connections, CurrentWork work, Spool spool, IOptions<PoolOptions> pool, TimeProvider time)
    : ILocalMiners
{
    public LocalMiners Current()
    {
        var now = time.GetUtcNow();
        var warnings = new[]
        {
            work.NoWorkReason is { } reason ? $"No work is handed out: {reason}." : null,
            spool.Trouble is { } trouble ? $"Shares are not safe: {trouble}." : null,
        };
        return new LocalMiners(
            identity.Name,
            now - identity.StartedAt,
            connections.Connections,
            [.. book.Accounts.Select(account => account.Show(now)).Where(miner => miner.Connections > 0 || miner.HashRate > 0)],
            (double)pool.Value.FeePercent,
            pool.Value.PayoutAddress,
            [.. warnings.OfType<string>()]);
    }
}
