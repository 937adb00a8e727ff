using BenchmarkDotNet.Attributes;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.Benchmarks;

/// <summary>
/// Taking shares into the chain: joining, verification and the choice of the best, proof of work aside. All but <see cref="Load"/> have a full window:
/// as many shares below as the chain counts.
/// </summary>
[MemoryDiagnoser]
public class ChainVerification
{
    private const int Measured = 300;
    private const ulong Subsidy = 1_250_000_000;

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    private NetworkParameters _network = null!;
    private KnownShare[] _shares = null!;
    private ShareChain _chain = null!;
    private byte[] _coinbase = null!;

    /// <summary>The network: 2,880 shares in a window, or 8,640 of which each names transactions.</summary>
    [Params("vertcoin", "vertcoin-classic")]
    public string Network { get; set; } = "";

    /// <summary>Addresses paid, each in its turn; 2,880 is one for each share of the window.</summary>
    [Params(300, 2880)]
    public int Payees { get; set; }

    /// <summary>
    /// How many different block targets the shares name in turn, each with a window of its own, nearly as long as the chain; 1 is a peaceful network,
    /// 9 is more than are kept.
    /// </summary>
    [Params(1, 2, 9)]
    public int Windows { get; set; }

    /// <summary>Grows a chain on which the last shares have a full window.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _network = Network == KnownNetworks.Vertcoin.Name ? KnownNetworks.Vertcoin : KnownNetworks.VertcoinClassic;
        _shares = Network == KnownNetworks.Vertcoin.Name
            ? Grow(Payees, _network.ChainLength + 2 * Measured, Bits, subsidy: SubsidyOf)
            : ClassicChain.Grow(_network, Payees, _network.ChainLength + 2 * Measured, Now, Bits, SubsidyOf);
        // A key hash takes 34 bytes of the coinbase; the rest is the frame.
        _coinbase = new byte[34 * Payees + 250];
        new Random(35).NextBytes(_coinbase);
    }

    /// <summary>A chain that lacks the last shares.</summary>
    [IterationSetup(Targets = [nameof(Single), nameof(Bulk)])]
    public void Verified() => Take(_network.ChainLength);

    /// <summary>A chain that lacks only those of little subsidy.</summary>
    [IterationSetup(Target = nameof(LittleSubsidy))]
    public void VerifiedButTheLast() => Take(_network.ChainLength + Measured);

    /// <summary>Shares that come one by one, each evaluated by itself.</summary>
    [Benchmark(OperationsPerInvoke = Measured)]
    public int Single()
    {
        for (var i = 0; i < Measured; i++) _chain.Add([_shares[_network.ChainLength + i]], Now);
        return _chain.VerifiedCount;
    }

    /// <summary>Shares of a subsidy, which is the finder's to name, that gives half of the payees one satoshi: of unequal weights, they are put in the order of their names.</summary>
    [Benchmark(OperationsPerInvoke = Measured)]
    public int LittleSubsidy()
    {
        for (var i = _network.ChainLength + Measured; i < _shares.Length; i++) _chain.Add([_shares[i]], Now);
        return _chain.VerifiedCount;
    }

    /// <summary>The same shares all at once.</summary>
    [Benchmark(OperationsPerInvoke = Measured)]
    public int Bulk()
    {
        _chain.Add(_shares[_network.ChainLength..(_network.ChainLength + Measured)], Now);
        return _chain.VerifiedCount;
    }

    /// <summary>The first 2,880 shares of a chain at once, as from a store or a download: the windows fill only as they go.</summary>
    [Benchmark(OperationsPerInvoke = 2880)]
    public int Load()
    {
        var chain = new ShareChain(_network, new NoHeights());
        chain.Add(_shares[..2880], Now);
        return chain.VerifiedCount;
    }

    /// <summary>SHA-256 of as many bytes as the coinbase has: what no verification can be faster than.</summary>
    [Benchmark(Baseline = true)]
    public Hash256 HashAlone() => Sha256.Double(_coinbase);

    // Twelve blocks of the hardest of these stand for about as many shares as the chain counts, each next one for some 2 % less.
    private CompactTarget Bits(int share) =>
        CompactTarget.FromTargetUpperBound(_network.MaxTarget / (ulong)(_network.ChainLength * 35) * (ulong)(40 + share % Windows));

    // Weights are from one to nineteen times the least, ten on the average.
    private ulong SubsidyOf(int share) => share < _network.ChainLength + Measured ? Subsidy : (ulong)(Payees + Payees / 100);

    private void Take(int count)
    {
        _chain = new ShareChain(_network, new NoHeights());
        _chain.Add(_shares[..count], Now);
        if (_chain.Height != count || !_chain.IsVerified(_shares[count - 1].Share.Hash)) throw new InvalidOperationException($"only {_chain.VerifiedCount} are verified");
    }

    /// <summary>Grows a chain of network vertcoin, its shares paid to the payees in turn.</summary>
    internal static KnownShare[] Grow(int payees, int count, Func<int, CompactTarget> blockBits, int seed = 35, Func<int, ulong>? subsidy = null)
    {
        var network = KnownNetworks.Vertcoin;
        var grower = new ChainGrower(network, payees, seed);
        var chain = new ShareChain(network, new NoHeights());
        var shares = new KnownShare[count];
        for (var i = 0; i < count; i++)
        {
            var work = chain.BuildWork(ChainGrower.Template((uint)i + 700_000, blockBits(i), subsidy?.Invoke(i) ?? Subsidy));
            shares[i] = new KnownShare(grower.Grow(work, grower.Payees[i % payees]), Now, null, Own: false, Dead: false);
            chain.Add([shares[i]], Now);
        }
        return shares;
    }
}
