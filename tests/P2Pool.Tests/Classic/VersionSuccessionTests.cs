using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>The change from one version to the next, at the edges of its rules. With chains of 200 the votes of the shares 180…199 above the parent count.</summary>
public class VersionSuccessionTests
{
    private const int Length = 200;
    private const int First = 180;

    private static readonly NetworkParameters Network = KnownNetworks.VertcoinClassic with { ChainLength = Length };
    private static readonly CheckedShare Pattern = ClassicShares.Chain320[^1];

    [Theory]
    [InlineData(11, false, false)]
    [InlineData(12, true, false)]
    [InlineData(19, true, false)]
    [InlineData(20, true, true)]
    public void Successor_WithVotesInTheWindow_IsAcceptedAndMadeByThem(int votes, bool accepted, bool made)
    {
        var parent = Parent(ShareVersionRules.Version16, Length, step => step >= First && step < First + votes ? 17UL : 16UL);
        Assert.Equal(accepted, VersionSuccession.Accepts(Network, ShareVersionRules.Version17, parent));
        Assert.Equal(made ? ShareVersionRules.Version17 : ShareVersionRules.Version16, VersionSuccession.Next(Network, parent));
        Assert.True(VersionSuccession.Accepts(Network, ShareVersionRules.Version16, parent));
    }

    [Fact]
    public void Votes_OutsideTheWindow_DoNotCount()
    {
        var parent = Parent(ShareVersionRules.Version16, Length + 5, step => step is < First or >= Length ? 17UL : 16UL);
        Assert.False(VersionSuccession.Accepts(Network, ShareVersionRules.Version17, parent));
        Assert.Equal(ShareVersionRules.Version16, VersionSuccession.Next(Network, parent));
    }

    [Fact]
    public void Window_EndsWithItsLastShare_ThoughMoreAreThere() => Assert.True(VersionSuccession.Accepts(
        Network, ShareVersionRules.Version17, Parent(ShareVersionRules.Version16, Length + 5, step => step is >= First and < First + 12 ? 17UL : 16UL)));

    [Fact]
    public void Votes_AreCountedByWork()
    {
        // One share in the window took as much work as thirty others.
        var parent = Parent(ShareVersionRules.Version16, Length, step => step == First ? 17UL : 16UL, step => step == First ? 0x1e008888u : 0x1e0fffffu);
        Assert.True(VersionSuccession.Accepts(Network, ShareVersionRules.Version17, parent));
        Assert.Equal(ShareVersionRules.Version16, VersionSuccession.Next(Network, parent));
    }

    [Fact]
    public void Votes_ForALaterVersion_AreNoneForTheSuccessor()
    {
        var parent = Parent(ShareVersionRules.Version16, Length, _ => 18);
        Assert.False(VersionSuccession.Accepts(Network, ShareVersionRules.Version17, parent));
        Assert.Equal(ShareVersionRules.Version16, VersionSuccession.Next(Network, parent));
    }

    // One attempt beside twenty shares of 1048577 makes the threshold 12582924.6, of which the whole part counts: twelve shares.
    [Fact]
    public void Threshold_OfAnOddTotal_IsRoundedDown() => Assert.True(VersionSuccession.Accepts(
        Network, ShareVersionRules.Version17, Parent(ShareVersionRules.Version16, Length, step => step is >= First and < First + 12 ? 17UL : 16UL, step => step == Length - 1 ? 0x1e0ffffeu : 0x1e0fffffu)));

    [Theory]
    [InlineData(Length - 1, 17UL, true)]
    [InlineData(Length, 17UL, false)]
    [InlineData(Length, 16UL, false)]
    public void StepBack_IsRefusedOnlyWithEnoughHistory_WhateverTheVotes(int height, ulong vote, bool accepted) => Assert.Equal(
        accepted, VersionSuccession.Accepts(Network, ShareVersionRules.Version16, Parent(ShareVersionRules.Version17, height, _ => vote)));

    [Fact]
    public void StepForward_WithoutEnoughHistory_IsRefusedAndNotMade()
    {
        var parent = Parent(ShareVersionRules.Version16, Length - 1, _ => 17);
        Assert.False(VersionSuccession.Accepts(Network, ShareVersionRules.Version17, parent));
        Assert.Equal(ShareVersionRules.Version16, VersionSuccession.Next(Network, parent));
    }

    [Fact]
    public void FirstShare_MayBeOfAnyVersion_AndIsMadeInTheOldest()
    {
        Assert.All(Network.ShareVersions, version => Assert.True(VersionSuccession.Accepts(Network, version, null)));
        Assert.Equal(ShareVersionRules.Version16, VersionSuccession.Next(Network, null));
        Assert.Equal(ShareVersionRules.Version35, VersionSuccession.Next(KnownNetworks.Vertcoin, null));
    }

    private static ParentView Parent(ShareVersionRules version, int height, Func<int, ulong> vote, Func<int, uint>? bits = null) =>
        new(Pattern.Hash, height, 0, Network.MaxTarget, (uint)height, 0, null, null)
        {
            Line = new Made([.. Enumerable.Range(0, height).Select(step => Share(version, vote(step), bits?.Invoke(step) ?? 0x1e0fffff))]),
        };

    private static CheckedShare Share(ShareVersionRules version, ulong vote, uint bits)
    {
        var info = Pattern.Share.Info with { DesiredVersion = vote, Bits = new CompactTarget(bits) };
        return new CheckedShare(
            Pattern.Share with { Version = version, Info = info }, Pattern.Hash, Pattern.ProofOfWork, Pattern.FullHeader, Pattern.ReferenceHash, Pattern.CoinbaseId, Pattern.Payee, Pattern.WireBytes);
    }

    private sealed class Made(List<CheckedShare> shares) : IShareLine
    {
        public IEnumerable<CheckedShare> From(int steps, int count) => shares.Skip(steps).Take(count);
    }
}
