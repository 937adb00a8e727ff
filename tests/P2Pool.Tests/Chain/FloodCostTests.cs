using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What evaluation and pruning go through while the chain is full of shares that lead nowhere, counted in heads and roots looked at.</summary>
public class FloodCostTests
{
    private const int ChainLength = 200;
    private const int Flood = 800;
    private const int Few = 20;
    private const double Start = 1_800_000_000;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin with { ChainLength = ChainLength, TargetLookbehind = 20 };

    private readonly ShareChain _chain = new(Network, FixedHeights.AllAt(0), (_, _) => null);

    public FloodCostTests() => Add(0, Enumerable.Range(1, 2 * ChainLength).Select(i => MadeShare.Of(i, i - 1, timestamp: (uint)Start)));

    [Fact]
    public void Evaluation_BesideOrphansOnOneParent_GoesThroughThemOnceForEachThatComes()
    {
        var cost = Cost(() => Add(0, Orphans(_ => 5000)));
        // Each as a head, and as a root that might tell whom to ask.
        Assert.InRange(cost, 2 * Flood, 2 * Flood + Few);
        Assert.InRange(Cost(() => Add(1, [MadeShare.Of(2000, 2 * ChainLength)])), 1, Few);
        Assert.InRange(Cost(() => _chain.Evaluate(ChainSteps.Time(Start))), 1, Few);
        Assert.Equal([MadeShare.Hash(5000)], _chain.Evaluate(ChainSteps.Time(Start)).MissingParents.Select(missing => missing.Hash));
        Assert.InRange(Cost(() => Add(1, [MadeShare.Of(2001, 5000)])), 2 * Flood, 2 * Flood + Few);
    }

    [Fact]
    public void Evaluation_BesideOrphansOnAsManyParents_LooksAtWhatIsNew()
    {
        Add(0, Orphans(i => 50_000 + i));
        Assert.InRange(Cost(() => Add(1, [MadeShare.Of(2000, 2 * ChainLength), MadeShare.Of(2001, 50_007), MadeShare.Of(2002, 60_000)])), 1, Few);
        Assert.Equal(Flood + 1, _chain.Evaluate(ChainSteps.Time(Start)).MissingParents.Length);
    }

    [Fact]
    public void Evaluation_OfVerifiedForksOfAChainWithoutItsEnd_LooksForAnOriginOnce()
    {
        // Verified while the network had no end below them; then their own parent is forgotten, and they are many roots without an origin.
        var chain = new ShareChain(Network, FixedHeights.AllAt(0), (_, _) => null);
        var shares = Enumerable.Range(1, ChainLength + 10).Select(i => MadeShare.Of(i, i == 1 ? 9000 : i - 1, timestamp: (uint)Start))
            .Concat(Enumerable.Range(0, Flood).Select(i => MadeShare.Of(10_000 + i, 9000)))
            .Concat(Enumerable.Range(0, Flood).Select(i => MadeShare.Of(20_000 + i, ChainLength + 5)));
        chain.Add([.. shares], ChainSteps.Time(Start));
        var before = chain.SharesLookedAt;
        chain.Evaluate(ChainSteps.Time(Start));
        Assert.InRange(chain.SharesLookedAt - before, 1, 5 * Flood);
    }

    [Fact]
    public void Pruning_OfOrphansOnOneParent_AsksOnceForTheNewestRoot()
    {
        Add(0, Orphans(_ => 5000));
        var kept = Cost(() => _chain.Prune(ChainSteps.Time(Start + 1000 + 100)), () => Add(1000, [MadeShare.Of(2001, 5000)]));
        Assert.InRange(kept, Flood, 7 * Flood);
        Assert.Equal(2 * ChainLength + Flood + 1, _chain.Count);
        var dropped = Cost(() => _chain.Prune(ChainSteps.Time(Start + 1000 + 301)));
        Assert.InRange(dropped, Flood, 7 * Flood);
        Assert.Equal(2 * ChainLength, _chain.Count);
    }

    [Fact]
    public void Pruning_OfALongLostChainBesideOrphans_GoesDownTheChainAlone()
    {
        Add(0, Enumerable.Range(0, 100).Select(i => MadeShare.Of(30_000 + i, i == 0 ? 40_000 : 30_000 + i - 1)));
        Add(500, Orphans(i => 50_000 + i));
        Assert.InRange(Cost(() => _chain.Prune(ChainSteps.Time(Start + 600))), 100, 3 * Flood);
        Assert.Equal(2 * ChainLength + Flood, _chain.Count);
    }

    private static IEnumerable<KnownShare> Orphans(Func<int, int> parent) => Enumerable.Range(0, Flood).Select(i => MadeShare.Of(10_000 + i, parent(i), timestamp: (uint)Start));

    private void Add(double after, IEnumerable<KnownShare> shares) =>
        _chain.Add([.. shares.Select(share => share with { SeenAt = ChainSteps.Time(Start + after) })], ChainSteps.Time(Start + after));

    private long Cost(Action step, Action? before = null)
    {
        before?.Invoke();
        var looked = _chain.SharesLookedAt;
        step();
        return _chain.SharesLookedAt - looked;
    }
}
