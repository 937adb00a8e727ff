using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Tests.Addresses;

public sealed class ScriptAddressTests
{
    [Theory]
    [InlineData("VoNdwM7b6XSmH5L2geRfAzo1gP7n5A13AQ")]
    [InlineData("31h38a54tFMrR8kzBnP2241MFD2EUHtGha")]
    [InlineData("vtc1q5zs69gay5kn2029f4246etdw47ctrv4n5u2a0g")]
    public void ScriptOfAnAddress_LeadsBackToIt(string address)
    {
        var script = OutputScript.Of(address, KnownNetworks.Vertcoin.Parent);

        Assert.Equal(address, ScriptAddress.Of(script!.Value.AsSpan(), KnownNetworks.Vertcoin));
    }

    [Fact]
    public void DonationScript_GoesByItsAddress() =>
        Assert.Equal("VjsmNkoQQNevaa5vcpvCVvDFTA7dD1Un5s", ScriptAddress.Of(KnownNetworks.Vertcoin.DonationScript.AsSpan(), KnownNetworks.Vertcoin));

    [Theory]
    [InlineData("")]
    [InlineData("6a28")]
    [InlineData("0013000102030405060708090a0b0c0d0e0f101112")]
    [InlineData("0014000102030405060708090a0b0c0d0e0f101112")]
    [InlineData("0020000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e")]
    [InlineData("76a914000102030405060708090a0b0c0d0e0f1011121388")]
    [InlineData("76a914000102030405060708090a0b0c0d0e0f10111288ac")]
    [InlineData("a914000102030405060708090a0b0c0d0e0f10111287")]
    public void OtherScripts_HaveNoAddress(string script) =>
        Assert.Null(ScriptAddress.Of(Convert.FromHexString(script), KnownNetworks.Vertcoin));
}
