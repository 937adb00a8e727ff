using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Work;

namespace Grainpool.Grains.Chain;

/// <summary>Puts together what people want to see of a chain.</summary>
internal static class SnapshotBuilder
{
    private const int RecentShares = 50;

    public static ChainSnapshot Build(
        NetworkParameters network, ActiveChain? active, TemplateWork? template, string? noWorkReason, long lastSequence, DateTimeOffset now)
    {
        var chain = active?.Chain;
        var best = chain?.Best;
        var statistics = chain?.Statistics;
        var lastHour = statistics?.LastHour;
        var rates = statistics?.RateWindow;
        var own = chain?.OwnShares;
        return new ChainSnapshot(
            Network: network.Name,
            At: now,
            Epoch: active?.Epoch ?? 0,
            Best: best?.Share.Hash ?? Hash256.Zero,
            Height: chain?.Height ?? 0,
            AbsoluteHeight: best?.Share.Share.Info.AbsoluteHeight ?? 0,
            Shares: chain?.Count ?? 0,
            VerifiedShares: chain?.VerifiedCount ?? 0,
            Heads: chain?.Heads.Length ?? 0,
            Tails: chain?.Tails.Count(tail => !tail.IsZero) ?? 0,
            DurableThrough: active?.Writer.DurableThrough ?? 0,
            LastSequence: lastSequence,
            PoolHashRate: lastHour?.PoolAttemptsPerSecond ?? 0,
            StaleProportion: lastHour?.StaleProportion ?? 0,
            MaxTarget: best?.Share.MaxTarget ?? network.MaxTarget,
            BlockTarget: template?.Bits.ToTarget() ?? UInt256.Zero,
            BlockHeight: template?.Height ?? 0,
            BlockValue: template?.CoinbaseValue ?? 0,
            OwnShares: own?.Made ?? 0,
            OwnOrphans: own?.Orphaned ?? 0,
            OwnDead: own?.Dead ?? 0,
            RecentShares: best is null ? [] : [.. chain!.Line(best.Share.Hash, RecentShares).Select(Summary)],
            Blocks: statistics is null ? [] : [.. statistics.RecentBlocks().Select(Block)],
            ExpectedPayouts: statistics is null || template is null ? [] : Payouts(statistics, template),
            NoWorkReason: noWorkReason,
            OwnLastHour: new OwnShareWindow(
                lastHour?.Own ?? 0, lastHour?.OwnOrphansAnnounced ?? 0, lastHour?.OwnDeadAnnounced ?? 0, lastHour?.OwnAttemptsPerSecond ?? 0))
        {
            ExpectedBlocks = statistics?.Luck.Expected ?? 0,
            UnknownVersion = statistics?.MajorityForUnknownVersion,
            LongHashRate = rates?.PoolAttemptsPerSecond ?? 0,
            PayeeRates = rates is null ? [] : Rates(rates),
        };
    }

    private static ShareSummary Summary(KnownShare known)
    {
        var info = known.Share.Share.Info;
        return new ShareSummary(known.Share.Hash, info.Address, info.Timestamp, info.AbsoluteHeight, known.Share.Target, info.StaleInfo, known.Own);
    }

    private static BlockSummary Block(KnownShare known)
    {
        var info = known.Share.Share.Info;
        return new BlockSummary(known.Share.Hash, CoinbaseScript.HeightOf(info.CoinbaseScript.AsSpan()) ?? 0, info.Timestamp, info.Address);
    }

    private static ImmutableArray<PayeeSummary> Rates(ChainWindow window) =>
    [
        .. window.RateByPayee()
            .OrderByDescending(payee => payee.Value.AttemptsPerSecond)
            .Select(payee => new PayeeSummary(payee.Key, payee.Value.AttemptsPerSecond, payee.Value.StaleProportion)),
    ];

    private static ImmutableArray<ExpectedPayout> Payouts(ChainStatistics statistics, TemplateWork template) =>
    [
        .. statistics.ExpectedPayouts(template.Bits, template.CoinbaseValue)
            .Where(payout => payout.Value > 0)
            .OrderByDescending(payout => payout.Value)
            .Select(payout => new ExpectedPayout(payout.Key, payout.Value)),
    ];
}
