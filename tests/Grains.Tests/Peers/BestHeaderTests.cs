using Grainpool.Grains.Peers;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Tests.Peers;

/// <summary>Which headers other nodes are to hear of.</summary>
public sealed class BestHeaderTests
{
    private static readonly CompactTarget Bits = new(0x1d00ffff);
    private readonly BestHeader _best = new();

    [Fact]
    public void NewTip_IsTold_Once()
    {
        var tip = Above(Hash256.FromNumber(1UL));
        Assert.True(_best.Adopt(tip, tip.Hash(), Bits));
        Assert.False(_best.Adopt(tip, tip.Hash(), Bits));
        var next = Above(tip.Hash());
        Assert.True(_best.Adopt(next, next.Hash(), Bits));
    }

    [Fact]
    public void BlockAboveTheTip_IsTold_AndNotAgainWhenItIsTheTip()
    {
        var tip = Above(Hash256.FromNumber(1UL));
        _best.Adopt(tip, tip.Hash(), Bits);
        var found = Above(tip.Hash());
        Assert.True(_best.Adopt(found, tip.Hash(), Bits));
        // A second one for the same place, and the tip once more: the first keeps the place.
        Assert.False(_best.Adopt(Above(tip.Hash(), nonce: 2), tip.Hash(), Bits));
        Assert.False(_best.Adopt(tip, tip.Hash(), Bits));
        Assert.False(_best.Adopt(found, found.Hash(), Bits));
        Assert.True(_best.Adopt(Above(found.Hash()), found.Hash(), Bits));
    }

    [Fact]
    public void DaemonThatDecidesForTheOther_IsFollowed()
    {
        var tip = Above(Hash256.FromNumber(1UL));
        var (first, second) = (Above(tip.Hash()), Above(tip.Hash(), nonce: 2));
        Assert.True(_best.Adopt(first, tip.Hash(), Bits));
        Assert.True(_best.Adopt(second, second.Hash(), Bits));
    }

    [Fact]
    public void HeaderElsewhere_OrOfAnotherTarget_IsNotTold()
    {
        var tip = Hash256.FromNumber(1UL);
        Assert.False(_best.Adopt(Above(Hash256.FromNumber(2UL)), tip, Bits));
        Assert.False(_best.Adopt(Above(tip), tip, new CompactTarget(0x1c00ffff)));
        Assert.True(_best.Adopt(Above(tip), tip, Bits));
    }

    private static BlockHeader Above(Hash256 previous, uint nonce = 1) => new(1, previous, Hash256.Zero, 0, Bits, nonce);
}
