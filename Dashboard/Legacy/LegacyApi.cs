using System.Globalization;
using System.Text.Json;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard.Legacy;

/// <summary>The answers that programs made for the legacy nodes ask for: One-Click Miner, scanners, third-party pages.</summary>
/// <remarks>Names, types and units are theirs. New things go under <c>/api/v1</c>, never into these.</remarks>
internal static class LegacyApi
{
    private const double SatoshiPerCoin = 1e8;

    public static void MapLegacyApi(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/local_stats", (view, local, options) => LocalStats.Of(view.Chain, local, options), whenUnknown: null);
        Map(routes, "/global_stats", (view, _, options) => GlobalStats.Of(view.Chain, options), whenUnknown: null);
        Map(routes, "/recent_blocks", (view, _, _) => view.Chain.Blocks.Select(block => new
        {
            Ts = block.Timestamp,
            block.Hash,
            Number = block.Height,
            Share = block.Hash,
        }), whenUnknown: Array.Empty<object>());
        Map(routes, "/current_payouts", (view, _, _) => CurrentPayouts(view.Chain), whenUnknown: new Dictionary<string, double>());
        Map(routes, "/rate", (view, _, _) => view.Chain.LongHashRate, whenUnknown: 0.0);
        Map(routes, "/difficulty", (view, _, _) => view.Chain.MaxTarget.IsZero ? 0 : Targets.Difficulty(view.Chain.MaxTarget), whenUnknown: 0.0);
        Map(routes, "/web/best_share_hash", (view, _, _) => view.Chain.Best, whenUnknown: Hash256.Zero);

        routes.MapGet("/fee", (ILocalMiners miners) => Answer(miners.Current().FeePercent));
        routes.MapGet("/uptime", (ILocalMiners miners) => Answer(miners.Current().Uptime.TotalSeconds));
        routes.MapGet("/payout_addr", (ILocalMiners miners) => Answer(miners.Current().OperatorAddress));
        routes.MapGet("/payout_addrs", (ILocalMiners miners) => Answer(miners.Current().OperatorAddress is { } address ? new[] { address } : []));
        routes.MapGet("/web/version", (DashboardOptions options) => Answer(options.Version));
        routes.MapGet("/web/currency_info", (DashboardOptions options) => Answer(CurrencyInfo(options)));
        routes.MapGet("/web/share_data/{hash}", ShareData);
    }

    private static void Map(
        IEndpointRouteBuilder routes, string path, Func<PoolView, LocalMiners, DashboardOptions, object> answer, object? whenUnknown) =>
        routes.MapGet(path, async (IPoolReader pool, ILocalMiners miners, DashboardOptions options, CancellationToken cancellation) =>
            Answer(await pool.Read(cancellation) is { } view ? answer(view, miners.Current(), options) : whenUnknown));

    // Results.Json would leave the body of a null empty; clients expect the literal.
    private static IResult Answer(object? value) => Results.Text(JsonSerializer.Serialize(value, Json.Legacy), "application/json");

    private static Dictionary<string, double> CurrentPayouts(ChainSnapshot chain) =>
        chain.ExpectedPayouts.ToDictionary(payout => payout.Address, payout => payout.Satoshi / SatoshiPerCoin);

    private static object CurrencyInfo(DashboardOptions options)
    {
        var explorer = $"https://chainz.cryptoid.info/{options.Network.Parent.Symbol.ToLower(CultureInfo.InvariantCulture)}/";
        return new
        {
            options.Network.Parent.Symbol,
            BlockExplorerUrlPrefix = explorer + "block.dws?",
            AddressExplorerUrlPrefix = explorer + "address.dws?",
            TxExplorerUrlPrefix = explorer + "tx.dws?",
        };
    }

    private static async Task<IResult> ShareData(string hash, IPoolReader pool, CancellationToken cancellation)
    {
        if (hash.Length > 64 || !hash.All(char.IsAsciiHexDigit))
            return Results.Json(new { error = "a share hash is up to 64 hex digits" }, statusCode: StatusCodes.Status400BadRequest);
        return Results.Bytes(await pool.ShareBytes(Hash256.Parse(hash), cancellation), "application/octet-stream");
    }
}
