using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Chain;

/// <content>What the chain tells of the whole pool: hash rate, luck, and whether it is about to leave us behind.</content>
internal sealed partial class ShareChainGrain
{
    private static readonly TimeSpan VersionToldAgain = TimeSpan.FromHours(1);

    private (ulong Version, DateTimeOffset At) _versionTold;

    // Every few seconds: it walks a chain length.
    private void MeasurePool(ActiveChain active, DateTimeOffset now)
    {
        if (active.Chain.Statistics is not { } statistics) return;
        var hour = statistics.LastHour;
        var lost = hour.AnnouncedWork();
        Instruments.PoolHashRate.WithLabels(Network.Name, "good").Set(hour.AttemptsPerSecond);
        Instruments.PoolHashRate.WithLabels(Network.Name, "orphan").Set(lost.GetValueOrDefault(StaleInfo.Orphan, UInt256.Zero).ToDouble() / hour.Seconds);
        Instruments.PoolHashRate.WithLabels(Network.Name, "dead").Set(lost.GetValueOrDefault(StaleInfo.Dead, UInt256.Zero).ToDouble() / hour.Seconds);
        var luck = statistics.Luck;
        Instruments.BlocksSolved.WithLabels(Network.Name).Set(luck.Solved);
        Instruments.BlocksExpected.WithLabels(Network.Name).Set(luck.Expected);
        var unknown = statistics.MajorityForUnknownVersion;
        Instruments.UnknownVersion.WithLabels(Network.Name).Set(unknown ?? 0);
        if (unknown is { } version) TellVersion(version, now);
    }

    private void TellVersion(ulong version, DateTimeOffset now)
    {
        if (version == _versionTold.Version && now - _versionTold.At < VersionToldAgain) return;
        _versionTold = (version, now);
        LogUnknownVersion(_logger, Network.Name, version);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "More than half of the work on {Network} votes for share version {Version}, which this version of Grainpool does not know: update it, or the pool goes on without it")]
    private static partial void LogUnknownVersion(ILogger logger, string network, ulong version);
}
