using System.Numerics;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Payouts;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Doubles;

/// <summary>A share chain that answers every question by walking, one step at a time: slow, and plain enough to be believed.</summary>
internal sealed class SlowChain(NetworkParameters network)
{
    private readonly Dictionary<Hash256, CheckedShare> _shares = [];

    public void Add(CheckedShare share) => _shares[share.Hash] = share;

    public CheckedShare this[Hash256 hash] => _shares[hash];

    /// <summary>The share and its ancestors, newest first, as far as they are held.</summary>
    public IEnumerable<CheckedShare> From(Hash256 start)
    {
        for (var hash = start; _shares.TryGetValue(hash, out var share); hash = share.PreviousShare) yield return share;
    }

    public int Height(Hash256 hash) => From(hash).Count();

    /// <summary>What the rules must know to judge this share.</summary>
    public ShareContext ContextOf(CheckedShare share) => At(share.PreviousShare, share.FullHeader.Bits);

    /// <summary>What the rules must know of the place on top of a share, for work on a block target.</summary>
    public ShareContext At(Hash256 parentHash, CompactTarget blockBits)
    {
        if (!_shares.TryGetValue(parentHash, out var parent)) return ShareContext.First;
        var chain = From(parentHash).ToList();
        var mostShares = Math.Max(0, Math.Min(chain.Count, network.ChainLength) - 1);
        return new ShareContext(
            new ParentView(
                parentHash,
                chain.Count,
                parent.Share.Info.Timestamp,
                parent.MaxTarget,
                parent.Share.Info.AbsoluteHeight,
                parent.Share.Info.AbsoluteWork,
                Rate(chain),
                FarShare(chain))
            {
                Line = new WalkedLine(chain),
            },
            Weights(chain.Skip(1), mostShares, 65535 * network.SpreadBlocks * Attempts(blockBits)));
    }

    // In numbers without end, as a header may name any code: none for a target that every hash meets, all 2^256 for a target of zero.
    private static BigInteger Attempts(CompactTarget bits)
    {
        var (exponent, mantissa) = ((int)(bits.Bits >> 24), (BigInteger)(bits.Bits & 0xffffff));
        var target = exponent < 3 ? mantissa >> (8 * (3 - exponent)) : mantissa << (8 * (exponent - 3));
        return BigInteger.Pow(2, 256) / (target + 1);
    }

    /// <summary>Weights from the newest share of a window on, the cap in units of weight.</summary>
    public static PayoutWeights Weights(IEnumerable<CheckedShare> window, int mostShares, BigInteger mostWeight) => Weights(
        window.Select(share => (share.PayeeName, Attempts: share.Attempts.ToBigInteger(), share.Share.Info.Donation)), mostShares, mostWeight);

    public static PayoutWeights Weights(
        IEnumerable<(string Address, BigInteger Attempts, ushort Donation)> window, int mostShares, BigInteger mostWeight)
    {
        var weights = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        BigInteger total = 0;
        foreach (var (address, attempts, donation) in window.Take(mostShares))
        {
            if (total == mostWeight) break;
            var counted = BigInteger.Min(attempts, (mostWeight - total) / 65535);
            weights[address] = weights.GetValueOrDefault(address) + counted * (65535 - donation);
            total += 65535 * counted;
            if (counted < attempts) break;
        }
        return new PayoutWeights(
            [.. weights.Where(pair => pair.Value > 0).Select(pair => new PayeeWeight(pair.Key, UInt256.FromBigInteger(pair.Value)))],
            UInt256.FromBigInteger(total));
    }

    private RateWindow? Rate(List<CheckedShare> chain)
    {
        if (chain.Count < network.TargetLookbehind) return null;
        var attempts = BigInteger.Zero;
        foreach (var share in chain.Take(network.TargetLookbehind - 1)) attempts += share.MaxTargetAttempts.ToBigInteger();
        return new RateWindow(UInt256.FromBigInteger(attempts), chain[network.TargetLookbehind - 1].Share.Info.Timestamp);
    }

    private static Hash256? FarShare(List<CheckedShare> chain)
    {
        const int Distance = NetworkParameters.FarShareDistance;
        if (chain.Count > Distance) return chain[Distance].Hash;
        if (chain.Count == Distance) return chain[^1].PreviousShare;
        return chain[^1].PreviousShare.IsZero ? Hash256.Zero : null;
    }

    private sealed class WalkedLine(List<CheckedShare> chain) : IShareLine
    {
        public IEnumerable<CheckedShare> From(int steps, int count) => chain.Skip(steps).Take(count);
    }
}
