using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>A stretch of the chain, seen for its statistics.</summary>
/// <remarks>Rates measure the time between the newest and the oldest share, hence the work of all but the oldest. Good until the chain changes.</remarks>
public sealed class ChainWindow
{
    private readonly ShareNode _newest;
    private readonly ShareNode _oldest;

    internal ChainWindow(ShareNode newest, int shares)
    {
        (_newest, Shares) = (newest, shares);
        _oldest = newest.Ancestor(shares - 1)!;
        var sums = newest.Sums - _oldest.Sums;
        Work = sums.Work;
        MaxTargetWork = sums.MaxTargetWork;
        Own = sums.Own + _oldest.OwnSums.Own;
        OwnOrphansAnnounced = sums.OwnOrphansAnnounced + _oldest.OwnSums.OwnOrphansAnnounced;
        OwnDeadAnnounced = sums.OwnDeadAnnounced + _oldest.OwnSums.OwnDeadAnnounced;
    }

    /// <summary>Shares in it.</summary>
    public int Shares { get; }

    /// <summary>Work of all but the oldest share.</summary>
    public UInt256 Work { get; }

    /// <summary>The same for the easiest targets allowed.</summary>
    public UInt256 MaxTargetWork { get; }

    /// <summary>Seconds from the oldest share to the newest by their own timestamps; at least 1.</summary>
    public uint Seconds =>
        Timestamp(_newest) > Timestamp(_oldest) ? Timestamp(_newest) - Timestamp(_oldest) : 1;

    /// <summary>Hashes per second that went into shares of the chain; 0 for a single share.</summary>
    public double AttemptsPerSecond => Work.ToDouble() / Seconds;

    /// <summary>The same for the easiest targets allowed.</summary>
    public double MaxTargetAttemptsPerSecond => MaxTargetWork.ToDouble() / Seconds;

    /// <summary>Part of the pool's shares lost, 0…1: lost ÷ (lost + in the chain), as announced in the window.</summary>
    public double StaleProportion
    {
        get
        {
            var stale = _newest.Line(Shares).Count(Announces);
            return (double)stale / (Shares + stale);
        }
    }

    /// <summary>Hashes per second of the whole pool, lost work included.</summary>
    public double PoolAttemptsPerSecond => AttemptsPerSecond / (1 - StaleProportion);

    /// <summary>Own shares in it.</summary>
    public int Own { get; }

    /// <summary>Own shares in it that announce a lost one.</summary>
    public int OwnOrphansAnnounced { get; }

    /// <summary>Own shares in it that announce a dead one.</summary>
    public int OwnDeadAnnounced { get; }

    /// <summary>Hashes per second that went into own shares of the chain.</summary>
    public double OwnAttemptsPerSecond =>
        _newest.Line(Shares - 1).Where(node => node.Known.Own).Aggregate(0.0, (sum, node) => sum + node.Share.Attempts.ToDouble()) / Seconds;

    /// <summary>Work of the shares that announce a loss, by what they announce; the oldest share left out.</summary>
    public ImmutableSortedDictionary<byte, UInt256> AnnouncedWork() =>
        WorkBy(_newest.Line(Shares - 1).Where(Announces), node => node.Share.Share.Info.StaleInfo, Comparer<byte>.Default);

    /// <summary>Work of all shares by the version they vote for.</summary>
    public ImmutableSortedDictionary<ulong, UInt256> WorkByDesiredVersion() =>
        WorkBy(_newest.Line(Shares), node => node.Share.Share.Info.DesiredVersion, Comparer<ulong>.Default);

    /// <summary>What each payee, by the name weights are kept by, had a part in; the oldest share left out.</summary>
    /// <remarks>The rates of all together are <see cref="AttemptsPerSecond"/>: what somebody donates is work of theirs all the same.</remarks>
    public ImmutableSortedDictionary<string, PayeeRate> RateByPayee() => _newest.Line(Shares - 1)
        .GroupBy(node => node.Payee)
        .ToImmutableSortedDictionary(
            shares => shares.Key.Address,
            shares => new PayeeRate(shares.Sum(node => node.Share.Attempts.ToDouble()) / Seconds, shares.Count(), shares.Count(Announces)),
            StringComparer.Ordinal);

    /// <summary>Blocks that were found and were to be expected of this work.</summary>
    /// <remarks>
    /// Each share is measured by the block target it names, which nobody checks: of one that names an easy target a block is expected, and
    /// counted. Blocks of shares that the chain left behind are not seen.
    /// </remarks>
    public BlockLuck Luck()
    {
        var (solved, expected) = (0, 0.0);
        foreach (var node in _newest.Line(Shares))
        {
            if (node.Share.SolvesBlock) solved++;
            var ofBlock = node.Share.FullHeader.Bits.AverageAttempts;
            // A share stands for as many hashes as its target asks for, and for one block at most.
            expected += ofBlock > node.Share.Attempts ? node.Share.Attempts.ToDouble() / ofBlock.ToDouble() : 1;
        }
        return new BlockLuck(solved, expected);
    }

    private static bool Announces(ShareNode node) => node.Share.Share.Info.StaleInfo != StaleInfo.None;

    private static uint Timestamp(ShareNode node) => node.Share.Share.Info.Timestamp;

    private static ImmutableSortedDictionary<TKey, UInt256> WorkBy<TKey>(
        IEnumerable<ShareNode> nodes, Func<ShareNode, TKey> key, IComparer<TKey> order)
        where TKey : notnull =>
        nodes.GroupBy(key).ToImmutableSortedDictionary(
            group => group.Key,
            group => group.Aggregate(UInt256.Zero, (sum, node) => UInt256.AddSaturating(sum, node.Share.Attempts)),
            order);
}
