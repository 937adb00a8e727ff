using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard.Legacy;

/// <summary><c>/local_stats</c>: this node, its miners and its own shares.</summary>
/// <remarks>Counts and attempts are written as integers; strictly typed scanners drop a node over a fraction.</remarks>
internal static class LocalStats
{
    public static object Of(ChainSnapshot chain, LocalMiners local, DashboardOptions options)
    {
        var window = chain.OwnLastHour;
        var stale = window.AnnouncedOrphans + window.AnnouncedDead;
        var all = window.Shares + stale;
        var nonstalePool = 1 - chain.StaleProportion;
        return new
        {
            MyHashRatesInLastHour = new
            {
                Note = "DEPRECATED",
                Nonstale = window.HashRate,
                Rewarded = window.HashRate / nonstalePool,
                Actual = all == 0 ? 0 : window.HashRate / (1 - (double)stale / all),
            },
            MyShareCountsInLastHour = new
            {
                Shares = all,
                UnstaleShares = window.Shares,
                StaleShares = stale,
                OrphanStaleShares = window.AnnouncedOrphans,
                DoaStaleShares = window.AnnouncedDead,
            },
            MyStaleProportionsInLastHour = new
            {
                Stale = Proportion(stale, all),
                OrphanStale = Proportion(window.AnnouncedOrphans, all),
                DeadStale = Proportion(window.AnnouncedDead, all),
            },
            MinerHashRates = Labels(local, miner => miner.HashRate),
            MinerDeadHashRates = Labels(local, miner => miner.DeadHashRate, onlyPositive: true),
            MinerLastDifficulties = local.Miners.GroupBy(miner => miner.Address)
                .ToDictionary(group => group.Key, group => group.First().ShareDifficulty),
            EfficiencyIfMinerPerfect = Efficiency(chain, chain.OwnOrphans),
            Efficiency = Efficiency(chain, chain.OwnOrphans + chain.OwnDead),
            Peers = new { Incoming = chain.IncomingPeers, Outgoing = chain.OutgoingPeers },
            Shares = new { Total = chain.OwnShares, Orphan = chain.OwnOrphans, Dead = chain.OwnDead },
            Uptime = local.Uptime.TotalSeconds,
            AttemptsToShare = Attempts(chain.MaxTarget),
            AttemptsToBlock = Attempts(chain.BlockTarget),
            BlockValue = chain.BlockValue / 1e8,
            Warnings = local.Warnings.Concat(chain.NoWorkReason is { } reason ? [reason] : []).Concat(PoolWarnings.Of(chain)),
            DonationProportion = 0.0,
            options.Version,
            options.Network.ProtocolVersion,
            Fee = local.FeePercent,
        };
    }

    private static Dictionary<string, double> Labels(LocalMiners local, Func<LocalMiner, double> rate, bool onlyPositive = false) =>
        local.Miners.Where(miner => !onlyPositive || rate(miner) > 0).GroupBy(miner => miner.Label)
            .ToDictionary(group => group.Key, group => group.Sum(rate));

    private static double? Proportion(int part, int all) => all == 0 ? null : (double)part / all;

    private static double? Efficiency(ChainSnapshot chain, int lost) =>
        chain.OwnShares == 0 ? null : (1 - (double)lost / chain.OwnShares) / (1 - chain.StaleProportion);

    private static UInt256 Attempts(UInt256 target) => target.IsZero ? UInt256.Zero : Targets.AverageAttempts(target);
}
