using System.Globalization;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.Benchmarks;

/// <summary>Bytes a chain takes for each share it keeps, their own bytes included: the difference of what is reachable before and after.</summary>
internal static class ShareMemory
{
    private const long Budget = 4096;
    private const int Payees = 300;

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);
    private static readonly CompactTarget BlockBits = new(0x1b0404cb);

    /// <summary>Measures; answers 2 when a budget is missed.</summary>
    public static int Run()
    {
        var (vertcoin, classic) = (KnownNetworks.Vertcoin, KnownNetworks.VertcoinClassic);
        var table = new BudgetTable();
        Add(table, "a full chain of vertcoin", vertcoin, Line(Payees, 2 * vertcoin.ChainLength));
        Add(table, "the same, each share paid to another", vertcoin, Line(2 * vertcoin.ChainLength, 2 * vertcoin.ChainLength));
        Add(table, "a chain with a fork at every third share", vertcoin, Forks(vertcoin.ChainLength));
        Add(table, "a chain, and as many shares whose parents are missing", vertcoin, [.. Line(Payees, vertcoin.ChainLength), .. Line(Payees, vertcoin.ChainLength + 10, seed: 36)[10..]]);
        Add(table, "a chain of vertcoin-classic, whose shares name transactions", classic, ClassicChain.Grow(classic, Payees, classic.ChainLength, Now, _ => BlockBits, _ => 1_250_000_000));
        table.Print();
        return table.IsMet ? 0 : 2;
    }

    private static void Add(BudgetTable table, string what, NetworkParameters network, KnownShare[] shares)
    {
        // What the growing left behind is not to be shared with what is measured.
        var wires = shares.Select(known => known.Share.WireBytes.ToArray()).ToList();
        var length = wires.Average(wire => wire.Length);
        shares = [];
        var check = new ShareCheck(network);
        var before = GC.GetTotalMemory(true);
        var chain = new ShareChain(network, new NoHeights());
        foreach (var wire in wires)
        {
            var target = Share.ParseWrapped(wire).Info.Bits.ToTarget();
            chain.Add([new KnownShare(check.Check(WrappedShare.Parse(wire), target).Share!, Now, null, false, false)], Now);
        }
        var bytes = (GC.GetTotalMemory(true) - before) / chain.Count;
        GC.KeepAlive((check, wires));
        if (chain.Count != wires.Count) throw new InvalidOperationException($"{chain.Count} of {wires.Count} shares are kept");
        table.Add(
            $"{what}: {chain.Count} shares, {chain.VerifiedCount} verified", $"at most {Budget} bytes a share",
            string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes, {length:0} of them as on the wire"), bytes <= Budget);
    }

    private static KnownShare[] Line(int payees, int count, int seed = 35) => ChainVerification.Grow(payees, count, _ => BlockBits, seed);

    // Of two shares on one parent the second is left behind.
    private static KnownShare[] Forks(int count)
    {
        var network = KnownNetworks.Vertcoin;
        var grower = new ChainGrower(network, Payees, 35);
        var chain = new ShareChain(network, new NoHeights());
        var shares = new List<KnownShare>();
        for (var i = 0; i < count; i++)
        {
            var work = chain.BuildWork(ChainGrower.Template((uint)i + 700_000, BlockBits, 1_250_000_000));
            shares.Add(Known(grower.Grow(work)));
            chain.Add([shares[^1]], Now);
            if (i % 3 == 0) shares.Add(Known(grower.Grow(work)));
        }
        return [.. shares];
    }

    private static KnownShare Known(CheckedShare share) => new(share, Now, null, Own: false, Dead: false);
}
