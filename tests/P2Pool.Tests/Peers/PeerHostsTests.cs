using System.Net;
using Grainpool.P2Pool.Peers;

namespace Grainpool.P2Pool.Tests.Peers;

public sealed class PeerHostsTests
{
    /// <summary>The first and the last address of each range that is reserved, and their neighbours outside.</summary>
    [Theory]
    [InlineData("0.0.0.0", false)]
    [InlineData("0.255.255.255", false)]
    [InlineData("1.0.0.0", true)]
    [InlineData("9.255.255.255", true)]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("11.0.0.0", true)]
    [InlineData("100.63.255.255", true)]
    [InlineData("100.64.0.0", false)]
    [InlineData("100.127.255.255", false)]
    [InlineData("100.128.0.0", true)]
    [InlineData("126.255.255.255", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("128.0.0.0", true)]
    [InlineData("169.253.255.255", true)]
    [InlineData("169.254.0.0", false)]
    [InlineData("169.255.0.0", true)]
    [InlineData("172.15.255.255", true)]
    [InlineData("172.16.0.0", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.0", true)]
    [InlineData("192.167.255.255", true)]
    [InlineData("192.168.0.0", false)]
    [InlineData("192.169.0.0", true)]
    [InlineData("223.255.255.255", true)]
    [InlineData("224.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:11.0.0.1", true)]
    [InlineData("::1", false)]
    [InlineData("1fff::1", false)]
    [InlineData("2000::1", true)]
    [InlineData("3fff::1", true)]
    [InlineData("4000::1", false)]
    [InlineData("fe80::1", false)]
    public void Address_OfARange_IsPublicOrNot(string address, bool expected) => Assert.Equal(expected, PeerHosts.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void LoopbackOfVersion6_IsAHostOfItsOwn()
    {
        Assert.Equal("::1", PeerHosts.KeyOf(IPAddress.IPv6Loopback));
        Assert.Equal("::/64", PeerHosts.KeyOf(IPAddress.Parse("::2")));
    }

    [Fact]
    public void Scope_OfAnAddress_IsLeftOut() => Assert.Equal(IPAddress.Parse("fe80::1"), PeerHosts.Plain(IPAddress.Parse("fe80::1%3")));

    [Fact]
    public void NameThatIsNoAddress_IsAHostAndANeighbourhoodOfItsOwn() =>
        Assert.Equal(("p2p-spb.xyz", "p2p-spb.xyz"), (PeerHosts.KeyOf("P2P-spb.xyz"), PeerHosts.GroupOf("P2P-spb.xyz")));
}
