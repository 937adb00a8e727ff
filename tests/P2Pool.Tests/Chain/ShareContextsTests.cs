using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>What is told of the chain under a share where the shares held come to an end.</summary>
public class ShareContextsTests
{
    private const int Tail = 1000;

    public static TheoryData<string> Networks => [KnownNetworks.Vertcoin.Name, KnownNetworks.VertcoinClassic.Name];

    [Theory]
    [MemberData(nameof(Networks))]
    public void FarShare_NearTheEndOfWhatIsHeld_IsToldAsLongAsItsHashIsKnown(string network)
    {
        Assert.Null(FarShare(network, Tail, 1));
        Assert.Null(FarShare(network, Tail, 98));
        Assert.Equal(MadeShare.Hash(Tail), FarShare(network, Tail, 99));
        Assert.Equal(MadeShare.Hash(Tail + 1), FarShare(network, Tail, 100));
        Assert.Equal(MadeShare.Hash(Tail + 2), FarShare(network, Tail, 101));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void FarShare_BeforeTheFirstOfAll_IsNone(string network)
    {
        Assert.All([1, 98, 99], height => Assert.Equal(Hash256.Zero, FarShare(network, 0, height)));
        Assert.Equal(MadeShare.Hash(1), FarShare(network, 0, 100));
    }

    // Whoever made it claims work without end; what stands on it is judged by it nevertheless.
    [Theory]
    [MemberData(nameof(Networks))]
    public void RateWindow_WithImpossibleTargets_DoesNotOverflow(string name)
    {
        var network = Network(name);
        var forest = new ShareForest();
        // The work of the others alone asks for no harder target.
        var usual = CompactTarget.FromTargetUpperBound(network.MaxTarget);
        for (var number = 1; number <= network.TargetLookbehind; number++)
            forest.Add(MadeShare.Of(number, number - 1, timestamp: (uint)(30 * number), maxBits: number == 50 ? new CompactTarget(0) : usual));
        var parent = new ShareContexts(network).View(forest.Find(MadeShare.Hash(network.TargetLookbehind))!) with { MaxTarget = network.MaxTarget };
        Assert.Equal(UInt256.FromBigInteger(network.MaxTarget.ToBigInteger() * 9 / 10), SharePlace.After(network, parent).MaxTarget);
    }

    private static NetworkParameters Network(string name) => name == KnownNetworks.Vertcoin.Name ? KnownNetworks.Vertcoin : KnownNetworks.VertcoinClassic;

    private static Hash256? FarShare(string name, int tail, int height)
    {
        var network = Network(name);
        var forest = new ShareForest();
        for (var number = tail + 1; number <= tail + height; number++) forest.Add(MadeShare.Of(number, number - 1));
        return new ShareContexts(network).View(forest.Find(MadeShare.Hash(tail + height))!).FarShare;
    }
}
