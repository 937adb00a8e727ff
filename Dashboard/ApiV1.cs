using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard;

/// <summary>Our own interface; what the pages live on.</summary>
internal static class ApiV1
{
    public static void MapApiV1(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/overview", async (IPoolReader pool, ILocalMiners miners, DashboardOptions options, TimeProvider time, CancellationToken cancellation) =>
        {
            var view = await pool.Read(cancellation);
            return Results.Json(Overview(view, miners.Current(), options, time.GetUtcNow()), Json.V1);
        });

    private static object Overview(PoolView? view, LocalMiners local, DashboardOptions options, DateTimeOffset now) => new
    {
        options.Version,
        Network = options.Network.Name,
        options.Network.Parent.Symbol,
        Now = now,
        Local = local,
        AgeSeconds = view is null ? (double?)null : (now - view.At).TotalSeconds,
        Chain = view is null ? null : Chain(view.Chain),
        Blocks = view?.FoundBlocks,
        Daemons = view?.Daemons,
        Events = view?.Events.Take(30),
    };

    private static object Chain(ChainSnapshot chain) => new
    {
        chain.Best,
        chain.Height,
        chain.AbsoluteHeight,
        chain.Shares,
        chain.VerifiedShares,
        chain.Heads,
        chain.DurableThrough,
        chain.LastSequence,
        chain.PoolHashRate,
        chain.StaleProportion,
        ShareDifficulty = Difficulty(chain.MaxTarget),
        BlockDifficulty = Difficulty(chain.BlockTarget),
        SecondsPerBlock = chain.PoolHashRate > 0 && !chain.BlockTarget.IsZero
            ? Targets.AverageAttempts(chain.BlockTarget).ToDouble() / chain.PoolHashRate
            : (double?)null,
        chain.BlockHeight,
        chain.BlockValue,
        BlocksSolved = chain.Blocks.Length,
        BlocksExpected = chain.ExpectedBlocks,
        Luck = chain.ExpectedBlocks > 0 ? chain.Blocks.Length / chain.ExpectedBlocks : (double?)null,
        Warnings = PoolWarnings.Of(chain),
        chain.OwnShares,
        chain.OwnOrphans,
        chain.OwnDead,
        chain.NoWorkReason,
        Peers = new { Incoming = chain.IncomingPeers, Outgoing = chain.OutgoingPeers },
        Sync = chain.Sync is not { } sync ? null : new
        {
            sync.IsSynced, sync.IsComplete, sync.Percent, sync.Shares, sync.Goal, sync.SharesPerSecond, SecondsLeft = sync.TimeLeft?.TotalSeconds,
        },
        RecentShares = chain.RecentShares.Select(share => new
        {
            share.Hash,
            share.Address,
            share.Timestamp,
            share.AbsoluteHeight,
            Difficulty = Difficulty(share.Target),
            Stale = share.StaleInfo switch { 253 => "orphan", 254 => "doa", _ => null },
            share.Own,
        }),
        chain.Blocks,
        chain.ExpectedPayouts,
        chain.PayeeRates,
    };

    private static double? Difficulty(UInt256 target) => target.IsZero ? null : Targets.Difficulty(target);
}
