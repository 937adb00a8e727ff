using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.Benchmarks;

/// <summary>A chain of the classic network, grown for measurement: nobody makes work for it yet, so its places are told here.</summary>
internal static class ClassicChain
{
    private const int TransactionsOfShare = 20;

    /// <summary>Shares of this many payees in turn; every share names a few new transactions and refers to others.</summary>
    public static KnownShare[] Grow(NetworkParameters network, int payees, int count, DateTimeOffset now, Func<int, CompactTarget> blockBits, Func<int, ulong> subsidy)
    {
        var grower = new ClassicGrower(network, 17);
        var names = Enumerable.Range(0, payees).Select(_ => grower.Payee()).ToList();
        var chain = new ShareChain(network, new NoHeights());
        var shares = new KnownShare[count];
        var offered = new List<Hash256>();
        for (var i = 0; i < count; i++)
        {
            offered.AddRange(grower.Transactions(TransactionsOfShare / 4));
            var bits = blockBits(i);
            var work = chain.BuildWork(ChainGrower.Template((uint)i + 700_000, bits, subsidy(i)));
            var context = i == 0
                ? ShareContext.First
                : new ShareContext(
                    new ParentView(
                        work.PreviousShare, i, shares[i - 1].Share.Share.Info.Timestamp, shares[i - 1].Share.MaxTarget, work.AbsoluteHeight - 1,
                        work.ParentAbsoluteWork, Rate(network, shares.AsSpan(0, i)), work.FarShare)
                    {
                        Line = new Line(shares, i),
                    },
                    work.Weights);
            var share = grower.Grow(context, names[i % payees], bits, subsidy(i), [.. offered.TakeLast(TransactionsOfShare)], network.NewestShareVersion);
            shares[i] = new KnownShare(share, now, null, Own: false, Dead: false);
            chain.Add([shares[i]], now);
        }
        return shares;
    }

    private static RateWindow? Rate(NetworkParameters network, ReadOnlySpan<KnownShare> shares)
    {
        if (shares.Length < network.TargetLookbehind) return null;
        var attempts = UInt256.Zero;
        foreach (var known in shares[^(network.TargetLookbehind - 1)..]) attempts = UInt256.AddSaturating(attempts, known.Share.MaxTargetAttempts);
        return new RateWindow(attempts, shares[^network.TargetLookbehind].Share.Share.Info.Timestamp);
    }

    private sealed class Line(KnownShare[] shares, int count) : IShareLine
    {
        public IEnumerable<CheckedShare> From(int steps, int most)
        {
            for (var i = count - 1 - steps; i >= 0 && most > 0; i--, most--) yield return shares[i].Share;
        }
    }
}
