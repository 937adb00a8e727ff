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
    private static readonly NetworkParameters Classic = Network with { HeadPreference = HeadPreference.CurrentBlock };
    private static readonly double Start = 1_800_000_000;

    private static readonly CompactTarget[] BlockBits = [default, new(0x1b0404cb), new(0x207fffff)];

    private int _refused, _pruned, _requested, _notRequested, _solved, _later, _competing, _forked, _passedOver, _unfinished;

    private sealed record Case(KnownShare[] Shares, HashSet<Hash256> Bad, int[] Batches, int[] Waits);

    // Mostly of one time, else about as old as a share may be whose ancestors are asked for, with a best share and without.
    private static readonly Gen<int> Ages = Gen.Frequency((8, Gen.Const(0)), (2, Gen.Int[3000, 4200]), (1, Gen.Int[80_000, 90_000]), (1, Gen.Int[-5000, 0]));

    // A trunk from which forks leave, some of them from nowhere; arrival in the order made, or shuffled within bounds.
    private static readonly Gen<Case> Cases =
        from count in Gen.Int[1, 240]
        from shapes in Gen.Select(Gen.Int[0, 299], Gen.Int[1, 8], Gen.Int[0, 7], Gen.Int[0, 99], Gen.Int[0, 20], Ages).Array[count]
        from late in Gen.OneOf(Gen.Const(0), Gen.Const(3), Gen.Const(40), Gen.Const(400))
        from delays in Gen.Int[0, late].Array[count]
        from batches in Gen.Int[1, 25].Array[count]
        from waits in Gen.OneOf(Gen.Int[0, 20], Gen.Int[0, 200]).Array[count]
        select Make(shapes, delays, batches, waits);

    [Fact]
    public void RandomShares_AddedAndPruned_AgreeWithTheSpecification()
    {
        Cases.Sample(given => Compare(given, Network), iter: 150);
        // Or else the cases no longer reach what they are made for.
        Assert.DoesNotContain(0, (int[])[_refused, _pruned, _requested, _notRequested, _solved, _later, _competing, _forked]);
    }

    [Fact]
    public void RandomShares_OnANetworkThatPrefersTheCurrentBlock_AgreeWithTheSpecification()
    {
        Cases.Sample(given => Compare(given, Classic), iter: 150);
        Assert.DoesNotContain(0, (int[])[_refused, _pruned, _requested, _competing, _forked, _passedOver]);
    }

    [Fact]
    public void RandomShares_JudgedAFewInACall_ComeToTheSameEnd()
    {
        Gen.Select(Cases, Gen.Int[1, 12], Gen.Bool).Sample((given, most, classic) => CompareEnd(given, classic ? Classic : Network, most), iter: 150);
        Assert.DoesNotContain(0, (int[])[_unfinished, _forked, _competing]);
    }

    private static Case Make((int, int, int, int, int, int)[] shapes, int[] delays, int[] batches, int[] waits)
    {
        var bad = new HashSet<Hash256>();
        var shares = new KnownShare[shapes.Length];
        for (var i = 0; i < shapes.Length; i++)
        {
            var (kind, back, target, fortune, block, age) = shapes[i];
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
                timestamp: (uint)(Start - age),
                solvesBlock: fortune is >= 4 and < 10,
                previousBlock: block,
                blockBits: fortune is >= 4 and < 10 ? null : BlockBits[back % 2],
                from: block % Peers == 0 ? null : new PeerEndpoint("203.0.113." + block % Peers, 9346));
            shares[i] = known;
        }
        KnownShare[] arrival = [.. shares.Select((share, i) => (share, i)).OrderBy(each => each.i + delays[each.i]).Select(each => each.share)];
        return new Case(arrival, bad, batches, waits);
    }

    private void Compare(Case given, NetworkParameters network)
    {
        var (chain, slow) = Pair(given, network);
        var clock = Start;
        var arrived = 0;
        for (var step = 0; arrived < given.Shares.Length; step++)
        {
            clock += given.Waits[step];
            var now = ChainSteps.Time(clock);
            var batch = Batch(given, step, clock, ref arrived);
            chain.CurrentBlock = slow.CurrentBlock = Block(given, step);

            slow.Add(batch, now);
            CompareState(chain.Add(now, batch), chain, slow, [.. batch.Select(share => share.Share.Hash)]);
            if (step % 3 != 2) continue;
            slow.Prune(now);
            CompareState(chain.Prune(now), chain, slow, []);
        }
    }

    // The chain may judge so many in a call; once it has come to rest, and the other too, both are the same.
    private void CompareEnd(Case given, NetworkParameters network, int most)
    {
        var (chain, slow) = Pair(given, network);
        chain.MostVerifications = most;
        var clock = Start;
        var arrived = 0;
        for (var step = 0; arrived < given.Shares.Length; step++)
        {
            clock += given.Waits[step];
            var now = ChainSteps.Time(clock);
            var batch = Batch(given, step, clock, ref arrived);
            chain.CurrentBlock = slow.CurrentBlock = Block(given, step);
            Settle(chain, chain.Add(now, batch), now);
            slow.Add(batch, now);
            for (var before = -1; before != slow.All.Shares.Count + slow.Verified.Shares.Count;)
            {
                before = slow.All.Shares.Count + slow.Verified.Shares.Count;
                slow.Add([], now);
            }
            // How far below a fork shares are verified depends on which of its heads comes first; what a head counts with does not.
            CompareHeld(chain, slow);
            foreach (var head in slow.Verified.Heads.Select(head => head.Share.Hash))
                Assert.Equal(
                    slow.Verified.Line(head).Take(ChainLength).Select(share => share.Share.Hash),
                    chain.Line(head, ChainLength).Select(share => share.Share.Hash).TakeWhile(chain.IsVerified));
        }
    }

    private void Settle(ShareChain chain, ChainChange change, DateTimeOffset now)
    {
        for (var (before, turns) = (-1, 0); change.IsUnfinished || before != chain.Count + chain.VerifiedCount; turns++)
        {
            Assert.InRange(turns, 0, 1000);
            before = chain.Count + chain.VerifiedCount;
            change = chain.Evaluate(now);
            if (!change.IsUnfinished) continue;
            Interlocked.Increment(ref _unfinished);
            Assert.Null(change.NewBest);
        }
    }

    private static (ShareChain, WalkedChain) Pair(Case given, NetworkParameters network)
    {
        static int Height(Hash256 block) => -(int)block.ToNumber().ToUInt128Wrapping();
        return (
            new ShareChain(network, new FixedHeights(block => Height(block)), (node, _) => given.Bad.Contains(node.Hash) ? ShareRefusal.Coinbase : null),
            new WalkedChain(ChainLength, DeepestTail, network.HeadPreference, hash => !given.Bad.Contains(hash), Height));
    }

    private static KnownShare[] Batch(Case given, int step, double clock, ref int arrived)
    {
        KnownShare[] batch = [.. given.Shares.Skip(arrived).Take(given.Batches[step]).Select((share, i) => share with { SeenAt = ChainSteps.Time(clock + i * 0.001) })];
        arrived += batch.Length;
        return batch;
    }

    // Mostly one that many shares are on, now and then none is known, or the block is a share's own.
    private static CurrentBlock? Block(Case given, int step) => (given.Waits[step] % 7) switch
    {
        0 => null,
        1 => new CurrentBlock(given.Shares[step].Share.Hash, BlockBits[0]),
        int other => new CurrentBlock(MadeShare.Hash(other), BlockBits[step % 3]),
    };

    private void CompareState(ChainChange change, ShareChain chain, WalkedChain slow, HashSet<Hash256> offered)
    {
        if (!change.BadOrigins.IsEmpty) Interlocked.Increment(ref _refused);
        if (change.Removed.Length > 0 && change.BadOrigins.IsEmpty) Interlocked.Increment(ref _pruned);
        if (!change.MissingParents.IsEmpty) Interlocked.Increment(ref _requested);
        if (change.MissingParents.Length < chain.Tails.Count(tail => !tail.IsZero)) Interlocked.Increment(ref _notRequested);
        if (!change.SolvedBlocks.IsEmpty) Interlocked.Increment(ref _solved);
        if (!change.Settled.IsEmpty) Interlocked.Increment(ref _later);

        CompareHeld(chain, slow);
        Assert.Equal(slow.Verified.Shares.Count, chain.VerifiedCount);
        Assert.All(slow.Verified.Shares.Keys, hash => Assert.True(chain.IsVerified(hash)));
        Assert.Distinct(change.MissingParents.Select(missing => missing.Hash));
        Assert.Subset(
            change.MissingParents.Select(missing => missing.Hash).ToHashSet(),
            slow.Requested.Where(request => !request.Value.IsOptional).Select(request => request.Key).ToHashSet());
        Assert.All(change.MissingParents, missing =>
        {
            var request = slow.Requested[missing.Hash];
            Assert.True(request.Allows(missing.NewestTimestamp));
            Assert.True(missing.From is { } from ? request.Senders.Contains(from) : request.Senders.Count == 0);
        });
        Assert.Equal(slow.BadOrigins.OrderBy(origin => origin.Host), change.BadOrigins.OrderBy(origin => origin.Host));
        Assert.Equal(slow.Removed.Order(), change.Removed.Select(share => share.Share.Hash).Order());
        Assert.Equal(slow.Solved.Order(), change.SolvedBlocks.Select(share => share.Share.Hash).Order());
        Assert.Equal(
            slow.Judged.Where(judged => !offered.Contains(judged.Key)).Select(judged => (judged.Key, judged.Value)).Order(),
            change.Settled.Select(settled => (settled.Share.Share.Hash, settled.Refusal is null)).Order());
        Assert.All(
            change.Outcomes.Where(outcome => slow.Judged.GetValueOrDefault(outcome.Hash)),
            outcome => Assert.Equal(ShareVerdict.Verified, outcome.Verdict));
        Assert.All(
            change.Outcomes.Where(outcome => outcome.Verdict == ShareVerdict.Refused),
            outcome => Assert.False(slow.Judged[outcome.Hash]));
    }

    private void CompareHeld(ShareChain chain, WalkedChain slow)
    {
        if (chain.Scores.Count(each => each.Score.Rate is not null) > 1) Interlocked.Increment(ref _competing);
        if (chain.RankedHeads.Count() > 1) Interlocked.Increment(ref _forked);
        if (chain.RankedHeads.Any() && chain.RankedHeads.Last().Hash != chain.BestHash()) Interlocked.Increment(ref _passedOver);

        Assert.Equal(chain.RankedHeads.TakeLast(5), chain.BestHeads);
        Assert.Equal(slow.All.Shares.Count, chain.Count);
        Assert.All(slow.All.Shares.Keys, hash => Assert.NotNull(chain.Find(hash)));
        Assert.Equal(slow.All.Heads.Select(head => head.Share.Hash).Order(), chain.Heads.Order());
        Assert.Equal(slow.Verified.Heads.Select(head => head.Share.Hash).Order(), chain.VerifiedHeads.Order());
        Assert.Equal(slow.Best, chain.BestHash());
        Assert.Equal(slow.Best is { } best ? slow.All.Height(best) : 0, chain.Height);
        var stops = chain.RequestStops();
        if (slow.RequestStops.Count <= 100) Assert.Equal(slow.RequestStops.Order(), stops.Order());
        else Assert.Superset(new HashSet<Hash256>(stops), slow.RequestStops);
        Assert.InRange(stops.Length, Math.Min(100, slow.RequestStops.Count), 100);
    }
}
