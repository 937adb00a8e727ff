using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard.Legacy;

/// <summary><c>/global_stats</c>: the whole pool.</summary>
internal static class GlobalStats
{
    public static object Of(ChainSnapshot chain, DashboardOptions options)
    {
        var blockDifficulty = chain.BlockTarget.IsZero ? 0 : Targets.Difficulty(chain.BlockTarget);
        return new
        {
            PoolNonstaleHashRate = chain.PoolHashRate * (1 - chain.StaleProportion),
            chain.PoolHashRate,
            PoolStaleProp = chain.StaleProportion,
            MinDifficulty = chain.MaxTarget.IsZero ? 0 : Targets.Difficulty(chain.MaxTarget),
            NetworkBlockDifficulty = blockDifficulty,
            NetworkHashrate = Math.Floor(blockDifficulty * 4294967296.0 / options.Network.Parent.BlockPeriod.TotalSeconds),
        };
    }
}
