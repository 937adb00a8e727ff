using CsCheck;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>
/// The chain against the specification written out slowly: random forests with good and bad shares arrive in random order and in batches,
/// time goes by, pruning runs; after each step both must hold, verify, request, ban and build on the same.
/// </summary>
public class ShareChainTwinTests
{
    private const int ChainLength = 32;
    private const int DeepestTail = 109;
    private const int Missing = 10_000;
    private const int Peers = 4;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin with { ChainLength = ChainLength, TargetLookbehind = 20 };
    private static readonly double Start = 1_800_000_000;

    private int _refused, _pruned, _requested, _competing, _forked;

    private sealed record Case(KnownShare[] Shares, HashSet<Hash256> Bad, int[] Batches, int[] Waits);

    // A trunk from which forks leave, some of them from nowhere; arrival in the order made, or shuffled within bounds.
    private static readonly Gen<Case> Cases =
        from count in Gen.Int[1, 240]
        from shapes in Gen.Select(Gen.Int[0, 299], Gen.Int[1, 8], Gen.Int[0, 7], Gen.Int[0, 99], Gen.Int[0, 20]).Array[count]
        from late in Gen.OneOf(Gen.Const(0), Gen.Const(3), Gen.Const(40), Gen.Const(400))
        from delays in Gen.Int[0, late].Array[count]
        from batches in Gen.Int[1, 25].Array[count]
        from waits in Gen.OneOf(Gen.Int[0, 20], Gen.Int[0, 200]).Array[count]
        select Make(shapes, delays, batches, waits);

    [Fact]
    public void RandomShares_AddedAndPruned_AgreeWithTheSpecification()
    {
        Cases.Sample(Compare, iter: 150);
        // Or else the cases no longer reach what they are made for.
        Assert.DoesNotContain(0, (int[])[_refused, _pruned, _requested, _competing, _forked]);
    }

    private static Case Make((int, int, int, int, int)[] shapes, int[] delays, int[] batches, int[] waits)
    {
        var bad = new HashSet<Hash256>();
        var shares = new KnownShare[shapes.Length];
        for (var i = 0; i < shapes.Length; i++)
        {
            var (kind, back, target, fortune, block) = shapes[i];
            var number = i + 1;
            var parent = kind switch
            {
                0 => 0,
                < 3 => Missing + back % 3,
                < 30 => Math.Max(0, number - back),
                _ => number - 1,
            };
            if (fortune < 4) bad.Add(MadeShare.Hash(number));
            var known = MadeShare.Of(
                number, parent, target,
                timestamp: (uint)Start,
                solvesBlock: fortune is >= 4 and < 10,
                previousBlock: block,
                from: block % Peers == 0 ? null : new PeerEndpoint("203.0.113." + block % Peers, 9346));
            shares[i] = known;
        }
        KnownShare[] arrival = [.. shares.Select((share, i) => (share, i)).OrderBy(each => each.i + delays[each.i]).Select(each => each.share)];
        return new Case(arrival, bad, batches, waits);
    }

    private void Compare(Case given)
    {
        var heights = new FixedHeights(block => -(int)block.ToNumber().ToUInt128Wrapping());
        var chain = new ShareChain(Network, heights, (node, _) => given.Bad.Contains(node.Hash) ? ShareRefusal.Coinbase : null);
        var slow = new WalkedChain(
            ChainLength, DeepestTail, hash => !given.Bad.Contains(hash), block => -(int)block.ToNumber().ToUInt128Wrapping());

        var clock = Start;
        var arrived = 0;
        for (var step = 0; arrived < given.Shares.Length; step++)
        {
            clock += given.Waits[step];
            var seen = clock;
            KnownShare[] batch = [.. given.Shares.Skip(arrived).Take(given.Batches[step]).Select((share, i) => share with { SeenAt = ChainSteps.Time(seen + i * 0.001) })];
            arrived += batch.Length;

            slow.Add(batch);
            CompareState(chain.Add(ChainSteps.Time(clock), batch), chain, slow);
            if (step % 3 != 2) continue;
            slow.Prune(ChainSteps.Time(clock));
            CompareState(chain.Prune(ChainSteps.Time(clock)), chain, slow);
        }
    }

    private void CompareState(ChainChange change, ShareChain chain, WalkedChain slow)
    {
        if (!change.BadOrigins.IsEmpty) Interlocked.Increment(ref _refused);
        if (change.Removed.Length > 0 && change.BadOrigins.IsEmpty) Interlocked.Increment(ref _pruned);
        if (!change.MissingParents.IsEmpty) Interlocked.Increment(ref _requested);
        if (chain.Scores.Count(each => each.Score.Rate is not null) > 1) Interlocked.Increment(ref _competing);
        if (chain.RankedHeads.Count() > 1) Interlocked.Increment(ref _forked);

        Assert.Equal(slow.All.Shares.Count, chain.Count);
        Assert.Equal(slow.Verified.Shares.Count, chain.VerifiedCount);
        Assert.All(slow.All.Shares.Keys, hash => Assert.NotNull(chain.Find(hash)));
        Assert.All(slow.Verified.Shares.Keys, hash => Assert.True(chain.IsVerified(hash)));
        Assert.Equal(slow.All.Heads.Select(head => head.Share.Hash).Order(), chain.Heads.Order());
        Assert.Equal(slow.Verified.Heads.Select(head => head.Share.Hash).Order(), chain.VerifiedHeads.Order());
        Assert.Equal(slow.Best, chain.BestHash());
        Assert.Equal(slow.Best is { } best ? slow.All.Height(best) : 0, chain.Height);
        Assert.Equal(slow.Requested.Order(), change.MissingParents.Select(missing => missing.Hash).Order());
        Assert.Equal(slow.BadOrigins.OrderBy(origin => origin.Host), change.BadOrigins.OrderBy(origin => origin.Host));
    }
}
