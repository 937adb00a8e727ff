using BenchmarkDotNet.Attributes;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.Benchmarks;

/// <summary>Taking shares in, and pruning, while the chain is full of shares that lead nowhere; what the rules say of each is not measured.</summary>
[MemoryDiagnoser]
public class ChainFlood
{
    private const int Flood = 12_000;
    private const int Measured = 100;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
    private static readonly CompactTarget BlockBits = new(0x1b0404cb);

    private KnownShare[] _line = null!;
    private KnownShare[] _flood = null!;
    private ShareChain _chain = null!;

    /// <summary>What the chain is full of.</summary>
    public enum Kind
    {
        /// <summary>Nothing but a chain in order: what the others are compared with.</summary>
        Nothing,

        /// <summary>12,000 shares on one missing parent.</summary>
        OrphansOnOne,

        /// <summary>12,000 shares, each on a missing parent of its own.</summary>
        OrphansOnMany,

        /// <summary>12,000 good shares, each on a share of the chain.</summary>
        Forks,
    }

    /// <summary>What the chain is full of.</summary>
    [ParamsAllValues]
    public Kind Of { get; set; }

    /// <summary>Grows a chain and makes the flood.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _line = ChainVerification.Grow(300, Network.ChainLength + Measured, _ => BlockBits);
        _flood = Of switch
        {
            Kind.Nothing => [],
            Kind.OrphansOnOne => [.. Enumerable.Range(0, Flood).Select(i => Orphan(i, 1))],
            Kind.OrphansOnMany => [.. Enumerable.Range(0, Flood).Select(i => Orphan(i, i))],
            _ => Forks(),
        };
    }

    /// <summary>A chain that lacks the last shares, and the flood.</summary>
    [IterationSetup]
    public void Flooded()
    {
        _chain = new ShareChain(Network, new NoHeights());
        _chain.Add(_line[..Network.ChainLength], Now);
        _chain.Add(_flood, Now);
        if (_chain.Count != Network.ChainLength + _flood.Length) throw new InvalidOperationException($"only {_chain.Count} are held");
    }

    /// <summary>Good shares that come one by one.</summary>
    [Benchmark(OperationsPerInvoke = Measured)]
    public int AddGood()
    {
        for (var i = Network.ChainLength; i < _line.Length; i++) _chain.Add([_line[i]], Now);
        return _chain.VerifiedCount;
    }

    /// <summary>More of the same missing parent, one by one.</summary>
    [Benchmark(OperationsPerInvoke = Measured)]
    public int AddOrphan()
    {
        for (var i = 0; i < Measured; i++) _chain.Add([Orphan(Flood + i, 1)], Now);
        return _chain.Count;
    }

    /// <summary>Pruning while all are young, when all are old but their tree is young, and when all go.</summary>
    [Benchmark]
    public int Prune()
    {
        _chain.Prune(Now.AddSeconds(10));
        _chain.Add([Orphan(Flood, 1) with { SeenAt = Now.AddSeconds(350) }], Now.AddSeconds(350));
        _chain.Prune(Now.AddSeconds(400));
        _chain.Prune(Now.AddSeconds(1000));
        return _chain.Count;
    }

    private KnownShare Orphan(int number, int parent)
    {
        var pattern = _line[^1].Share;
        var info = pattern.Share.Info with { PreviousShare = Hash256.FromNumber((ulong)(1_000_000 + parent)) };
        return new KnownShare(pattern with { Share = pattern.Share with { Info = info }, Hash = Hash256.FromNumber((ulong)(10_000_000 + number)) }, Now, null, Own: false, Dead: false);
    }

    // Five on each share of the chain, as good as the one that the chain goes on with.
    private KnownShare[] Forks()
    {
        var chain = new ShareChain(Network, new NoHeights());
        var grower = new ChainGrower(Network, 300, 36);
        var forks = new List<KnownShare>();
        for (var i = 0; i < Network.ChainLength; i++)
        {
            var work = chain.BuildWork(ChainGrower.Template((uint)i + 700_000, BlockBits, 1_250_000_000));
            for (var copies = 0; copies < 5 && forks.Count < Flood; copies++) forks.Add(new KnownShare(grower.Grow(work), Now, null, Own: false, Dead: false));
            chain.Add([_line[i]], Now);
        }
        return [.. forks];
    }
}
