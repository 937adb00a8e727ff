using BenchmarkDotNet.Attributes;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.Benchmarks;

/// <summary>Taking shares into the chain: joining, verification and the choice of the best, on a window of 2,880 shares; proof of work aside.</summary>
[MemoryDiagnoser]
public class ChainVerification
{
    private const int OneByOne = 300;

    private static readonly NetworkParameters Network = KnownNetworks.Vertcoin;
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    private KnownShare[] _shares = null!;
    private ShareChain _chain = null!;

    /// <summary>Addresses paid.</summary>
    [Params(300, 2880)]
    public int Payees { get; set; }

    /// <summary>How many different block targets the shares name in turn, each with a window of its own; 1 is a peaceful network.</summary>
    [Params(1, 2, 8)]
    public int Windows { get; set; }

    /// <summary>Grows a chain on which the last shares have a full window.</summary>
    [GlobalSetup]
    public void Setup() => _shares = Grow(Payees, Windows, Network.ChainLength + OneByOne);

    /// <summary>A chain that lacks the last shares.</summary>
    [IterationSetup(Target = nameof(Single))]
    public void Verified()
    {
        _chain = new ShareChain(Network, new NoHeights());
        _chain.Add(_shares[..Network.ChainLength], Now);
        if (_chain.VerifiedCount != Network.ChainLength) throw new InvalidOperationException($"only {_chain.VerifiedCount} are verified");
    }

    /// <summary>Shares that come one by one, each evaluated by itself.</summary>
    [Benchmark(OperationsPerInvoke = OneByOne)]
    public int Single()
    {
        for (var i = Network.ChainLength; i < _shares.Length; i++) _chain.Add([_shares[i]], Now);
        return _chain.VerifiedCount;
    }

    /// <summary>All at once, as from a store or a download.</summary>
    [Benchmark(OperationsPerInvoke = 3180)]
    public int Bulk()
    {
        var chain = new ShareChain(Network, new NoHeights());
        chain.Add(_shares, Now);
        return chain.VerifiedCount;
    }

    /// <summary>Bytes a chain takes for each share it keeps, their own bytes included.</summary>
    public static long BytesPerShare()
    {
        var wires = Grow(300, 1, Network.ChainLength).Select(known => known.Share.WireBytes.ToArray()).ToList();
        var check = new ShareCheck(Network);
        var before = GC.GetTotalMemory(true);
        var chain = new ShareChain(Network, new NoHeights());
        foreach (var wire in wires)
        {
            var target = Share.ParseWrapped(wire).Info.Bits.ToTarget();
            chain.Add([new KnownShare(check.Check(WrappedShare.Parse(wire), target).Share!, Now, null, false, false)], Now);
        }
        var bytes = GC.GetTotalMemory(true) - before;
        GC.KeepAlive(check);
        return bytes / chain.VerifiedCount;
    }

    private static KnownShare[] Grow(int payees, int windows, int count)
    {
        var grower = new ChainGrower(Network, payees, 35);
        var chain = new ShareChain(Network, new NoHeights());
        var shares = new KnownShare[count];
        for (var i = 0; i < count; i++)
        {
            // A block of 12 windows' work stands for about 2,850 shares, the next for less.
            var bits = CompactTarget.FromTargetUpperBound(Network.MaxTarget / 2500 * (ulong)(1 + i % windows));
            var work = chain.BuildWork(ChainGrower.Template((uint)i + 700_000, bits, 1_250_000_000));
            shares[i] = new KnownShare(grower.Grow(work), Now, null, Own: false, Dead: false);
            chain.Add([shares[i]], Now);
        }
        return shares;
    }

    private sealed class NoHeights : IParentHeights
    {
        public int BestHeight => 0;

        public int? HeightOf(Hash256 block) => 0;
    }
}
