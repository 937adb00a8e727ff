using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Chain;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>
/// Copies of a share that have its hash and are worth nothing: neither its type nor its branch of full hashes is covered by the hash, so whoever passes it
/// on can spoil them. Spec: share 3.3, "do not remember a hash as bad for ever".
/// </summary>
public class SpoiledCopyTests
{
    private const int ChainLength = 20;
    private const int Length = 3 * ChainLength;

    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic with { ChainLength = ChainLength, TargetLookbehind = 10 };
    private static readonly CompactTarget BlockBits = new(0x1b0404cb);
    private static readonly DateTimeOffset Now = ChainSteps.Time(1_900_000_000);
    private static readonly PeerEndpoint Mallory = new("203.0.113.9", 9346);

    private static readonly Dictionary<ShareVersionRules, CheckedShare[]> Lines =
        Network.ShareVersions.ToDictionary(version => version, Grow);

    /// <summary>How a copy is spoiled.</summary>
    public enum Spoiling
    {
        Branch,
        Type,
    }

    [Theory]
    [InlineData(Spoiling.Branch)]
    [InlineData(Spoiling.Type)]
    public void GoodCopy_OfferedAfterASpoiledOneThatOthersStandOn_TakesItsPlace(Spoiling spoiling)
    {
        var (below, good, child) = Parts(ShareVersionRules.Version17);
        var chain = Holding(below);
        chain.Add(Now, Known(child), Known(Spoiled(good, spoiling)) with { From = Mallory });
        Assert.Equal((below[^1].Hash, Length), (chain.BestHash()!.Value, chain.Count));

        var change = chain.Add(Now, Known(good));
        Assert.Equal(ShareVerdict.Verified, Assert.Single(change.Outcomes).Verdict);
        Assert.Equal((child.Hash, Length), (chain.BestHash()!.Value, chain.Count));
        Assert.All(chain.Line(child.Hash, ChainLength), held => Assert.True(chain.IsVerified(held.Share.Hash)));
        Assert.Same(good, chain.Find(good.Hash)!.Share);
        Assert.Null(chain.Find(good.Hash)!.From);
        Assert.Equal(ShareVerdict.AlreadyKnown, Assert.Single(chain.Add(Now, Known(Spoiled(good, spoiling))).Outcomes).Verdict);
        Assert.Same(good, chain.Find(good.Hash)!.Share);
    }

    [Theory]
    [InlineData(Spoiling.Branch)]
    [InlineData(Spoiling.Type)]
    public void GoodCopy_InTheSameCallAsASpoiledOneThatOthersStandOn_TakesItsPlace(Spoiling spoiling)
    {
        var (below, good, child) = Parts(ShareVersionRules.Version17);
        var chain = Holding(below);
        var change = chain.Add(Now, Known(child), Known(Spoiled(good, spoiling)), Known(good), Known(good));
        Assert.Equal(
            [ShareVerdict.Verified, ShareVerdict.Refused, ShareVerdict.Verified, ShareVerdict.AlreadyKnown], change.Outcomes.Select(outcome => outcome.Verdict));
        Assert.Equal(child.Hash, chain.BestHash());
    }

    [Fact]
    public void GoodCopy_InTheSameCallAsASpoiledHead_IsVerifiedAndTheSenderOfTheSpoiledOneNamed()
    {
        var (below, good, _) = Parts(ShareVersionRules.Version17);
        var chain = Holding(below);
        var change = chain.Add(Now, Known(Spoiled(good, Spoiling.Branch)) with { From = Mallory }, Known(good));
        Assert.Equal(
            [new ShareOutcome(good.Hash, ShareVerdict.Refused, ShareRefusal.FullHashBranch, false), new ShareOutcome(good.Hash, ShareVerdict.Verified, null, false)],
            change.Outcomes);
        Assert.Equal([Mallory], change.BadOrigins);
        Assert.Equal(good.Hash, chain.BestHash());
    }

    [Fact]
    public void GoodCopy_OfAShareWhoseChildWasRefusedForItsType_TakesItsPlace()
    {
        var (below, good, child) = Parts(ShareVersionRules.Version16);
        var grandchild = Next([.. below, good, child], ShareVersionRules.Version16);
        var chain = Holding(below);
        // On a parent of the later type the child is refused; it stays, since its own child passes. What it was refused for is not looked at then.
        chain.Add(Now, Known(grandchild), Known(child), Known(Spoiled(good, Spoiling.Type)));
        Assert.Equal(below[^1].Hash, chain.BestHash());

        Assert.Equal(ShareVerdict.Verified, Assert.Single(chain.Add(Now, Known(good)).Outcomes).Verdict);
        Assert.Equal(grandchild.Hash, chain.BestHash());
        Assert.All(chain.Line(grandchild.Hash, ChainLength), held => Assert.True(chain.IsVerified(held.Share.Hash)));
    }

    [Fact]
    public void AnotherSpoiledCopy_OfARefusedShare_IsRefusedToo_AndTheSameOneIsKnown()
    {
        var (below, good, child) = Parts(ShareVersionRules.Version17);
        var chain = Holding(below);
        chain.Add(Now, Known(child), Known(Spoiled(good, Spoiling.Branch)));
        Assert.Equal(ShareVerdict.AlreadyKnown, Assert.Single(chain.Add(Now, Known(Spoiled(good, Spoiling.Branch))).Outcomes).Verdict);
        Assert.Equal(ShareVerdict.Held, Assert.Single(chain.Add(Now, Known(Spoiled(good, Spoiling.Type))).Outcomes).Verdict);
        Assert.False(chain.IsVerified(good.Hash));
        Assert.Equal(below[^1].Hash, chain.BestHash());
    }

    [Fact]
    public void OwnGoodCopy_InPlaceOfASpoiledOne_IsCountedAsOurs()
    {
        var (below, good, child) = Parts(ShareVersionRules.Version17);
        var chain = Holding(below);
        chain.Add(Now, Known(child), Known(Spoiled(good, Spoiling.Branch)));
        chain.Add(Now, Known(Spoiled(good, Spoiling.Type)));
        chain.Add(Now, Known(good) with { Own = true });
        Assert.Equal((1, 0, 0), (chain.OwnShares.Made, chain.OwnShares.Orphaned, chain.OwnShares.Dead));
    }

    [Fact]
    public void Copies_InOnePlaceInTurn_LeaveTheSumsOfTheLast()
    {
        var (_, good, child) = Parts(ShareVersionRules.Version17);
        var last = Known(good) with { Own = true };
        var forest = new ShareForest();
        var place = forest.Add(Known(Spoiled(good, Spoiling.Branch)));
        var above = forest.Add(Known(child));
        forest.Replace(place, Known(Spoiled(good, Spoiling.Type)));
        forest.Replace(place, last);

        Assert.Equal(ShareSums.Of(last), place.SumsToTail);
        Assert.Equal(ShareSums.Of(last) + ShareSums.Of(Known(child)), above.SumsToTail);
        Assert.Equal(last.Share.WireBytes.Length + child.WireBytes.Length, forest.Bytes);
        Assert.True(forest.Remove(above) && forest.Remove(place));
        Assert.Equal(0, forest.Bytes);
    }

    private static (CheckedShare[] Below, CheckedShare Good, CheckedShare Child) Parts(ShareVersionRules version) =>
        (Lines[version][..^2], Lines[version][^2], Lines[version][^1]);

    private static ShareChain Holding(IEnumerable<CheckedShare> shares)
    {
        var chain = new ShareChain(Network, FixedHeights.AllAt(0)) { CurrentBlock = null };
        chain.Add(Now, shares.Select(Known));
        return chain;
    }

    private static CheckedShare Spoiled(CheckedShare share, Spoiling spoiling)
    {
        var other = spoiling == Spoiling.Branch
            ? share.Share with { FullHashBranch = [.. share.Share.FullHashBranch, Hash256.FromNumber(5)] }
            : share.Share with { Version = Network.ShareVersions.Single(version => version != share.Share.Version) };
        var copy = new ShareCheck(Network).Check(other, share.ProofOfWork).Share!;
        Assert.Equal(share.Hash, copy.Hash);
        Assert.False(share.WireBytes.AsSpan().SequenceEqual(copy.WireBytes.AsSpan()));
        return copy;
    }

    private static KnownShare Known(CheckedShare share) => share.SeenAt(0);

    private static CheckedShare[] Grow(ShareVersionRules version)
    {
        var shares = new List<CheckedShare>();
        for (var i = 0; i < Length; i++) shares.Add(Next([.. shares], version));
        return [.. shares];
    }

    private static CheckedShare Next(CheckedShare[] line, ShareVersionRules version)
    {
        var (grower, slow) = (new ClassicGrower(Network, line.Length), new SlowChain(Network));
        foreach (var share in line) slow.Add(share);
        return grower.Grow(
            slow.At(line.Length == 0 ? Hash256.Zero : line[^1].Hash, BlockBits), grower.Payee(), BlockBits, 1_000_000, grower.Transactions(2), version,
            info => info with { DesiredVersion = (ulong)version.Number });
    }
}
