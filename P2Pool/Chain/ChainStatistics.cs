using System.Collections.Immutable;
using System.Numerics;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>Figures about the chain that ends with one share: for display and local policy, never for consensus. Spec: statistics formulae.</summary>
public sealed class ChainStatistics
{
    private const int SharesOfRates = 720;

    private readonly NetworkParameters _network;
    private readonly ShareNode _tip;

    internal ChainStatistics(NetworkParameters network, ShareNode tip) => (_network, _tip) = (network, tip);

    /// <summary>Shares from the tip back to the oldest held.</summary>
    public int Height => _tip.Height;

    /// <summary>Work from the tip back to the oldest held.</summary>
    public UInt256 Work => _tip.Work;

    /// <summary>The newest shares of the last hour, counted as if shares came exactly one a period; fewer when there are not so many.</summary>
    public ChainWindow LastHour => Last(SharesOfAnHour);

    /// <summary>The newest 720 shares, over which the legacy nodes measure rates of single payees; fewer when there are not so many.</summary>
    public ChainWindow RateWindow => Last(SharesOfRates);

    /// <summary>Luck with the blocks of <see cref="RecentBlocks"/>.</summary>
    public BlockLuck Luck => Last(_network.ChainLength).Luck();

    /// <summary>
    /// The version that more than half of the last hour's work votes for, when it is a later one than this program knows: the pool is about to leave
    /// us behind. Null otherwise.
    /// </summary>
    public ulong? MajorityForUnknownVersion
    {
        get
        {
            var votes = Last(Math.Min(SharesOfAnHour, _network.ChainLength)).WorkByDesiredVersion();
            var total = votes.Values.Aggregate(UInt256.Zero, UInt256.AddSaturating);
            foreach (var (version, work) in votes)
                if (version > _network.NewestShareVersion.Vote && work > total - work)
                    return version;
            return null;
        }
    }

    /// <summary>The newest shares, at most this many (at least 1).</summary>
    public ChainWindow Last(int shares)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shares, 1);
        return new ChainWindow(_tip, Math.Min(shares, Height));
    }

    /// <summary>Shares of the newest chain length that solve the block they name, newest first. Their blocks may be orphans.</summary>
    public IEnumerable<KnownShare> RecentBlocks() =>
        _tip.Line(_network.ChainLength).Where(node => node.Share.SolvesBlock).Select(node => node.Known);

    /// <summary>What each payee, by the name weights are kept by, would be paid if the tip itself were a block now, satoshi; the finder's part left out.</summary>
    /// <remarks>The donation is always there: it takes what rounding leaves.</remarks>
    /// <param name="blockBits">Block target.</param>
    /// <param name="subsidy">Block reward with fees, satoshi.</param>
    public ImmutableSortedDictionary<string, ulong> ExpectedPayouts(CompactTarget blockBits, ulong subsidy)
    {
        var cap = UInt256.MultiplySaturating(blockBits.AverageAttempts, (ulong)_network.SpreadBlocks);
        var weights = PayoutWindows.Sum(_tip, new PayoutWindow(_network.ChainLength, cap));
        var total = weights.Total.ToBigInteger();
        var payouts = ImmutableSortedDictionary.CreateBuilder<string, ulong>(StringComparer.Ordinal);
        var rest = subsidy;
        foreach (var (address, weight) in weights.Payees)
        {
            var amount = (ulong)(new BigInteger(subsidy) * weight.ToBigInteger() / total);
            payouts[address] = amount;
            rest -= amount;
        }
        payouts[_network.DonationPayee] = payouts.GetValueOrDefault(_network.DonationPayee) + rest;
        return payouts.ToImmutable();
    }

    private int SharesOfAnHour => (int)(TimeSpan.FromHours(1) / _network.SharePeriod);
}
