using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Tests.Addresses;

public class PayeeAddressTests
{
    private static readonly ParentChainParameters Vertcoin = KnownNetworks.Vertcoin.Parent;

    [Theory]
    [InlineData("Vc9Yrq1thG8mGPMNS5MuM9wfPkduZB2PQC")]
    [InlineData("33qjsfLsqMYwHn9epPNsLsyjrTdebQcodR")]
    [InlineData("vtc1qz7tf3lvh07vfgugy3z329krk82dsatamkc4e2w")]
    [InlineData("VTC1QZ7TF3LVH07VFGUGY3Z329KRK82DSATAMKC4E2W")]
    [InlineData("vtc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq4gjx8l")]
    [InlineData("vtc1qnf86gtdpx6nkcf4yphyvcd2pwmulg2j2a9yfz545rffhfehl4r7s9ztvz5")]
    [InlineData("vtc1qzqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50qr0uua9")] // begins with 0x10, the least that can be paid
    public void SpendableAddress_Judged_IsAcceptedAndPayable(string address)
    {
        var verdict = PayeeAddress.Judge(address, Vertcoin);
        Assert.True(verdict.IsAccepted);
        Assert.Empty(verdict.Explanation);
        Assert.NotNull(OutputScript.Of(address, Vertcoin));
    }

    [Theory]
    [InlineData("", PayeeRefusal.Empty)]
    [InlineData("worker1", PayeeRefusal.NotAnAddress)]
    [InlineData(" Vc9Yrq1thG8mGPMNS5MuM9wfPkduZB2PQC", PayeeRefusal.NotAnAddress)]
    [InlineData("Vc9Yrq1thG8mGPMNS5MuM9wfPkduZB2PQD", PayeeRefusal.BadChecksum)]
    [InlineData("vtc1qz7tf3lvh07vfgugy3z329krk82dsatamkc4e2q", PayeeRefusal.BadChecksum)]
    [InlineData("139ix7rSHTEZCcTDhHiGvFcohwLw3DJ65h", PayeeRefusal.OtherNetwork)]
    [InlineData("WpAMp9ukpoXPigmdWLMroXm2HGQjfR1DTo", PayeeRefusal.OtherNetwork)]
    [InlineData("tvtc1qz7tf3lvh07vfgugy3z329krk82dsatamp2ksey", PayeeRefusal.OtherNetwork)]
    [InlineData("vtc1pnf86gtdpx6nkcf4yphyvcd2pwmulg2j2a9yfz545rffhfehl4r7s04t96g", PayeeRefusal.Taproot)]
    [InlineData("vtc1pnf86gtdpx6nkcf4yphyvcd2pwmulg2j2a9yfz545rffhfehl4r7s6fmfl2", PayeeRefusal.Unspendable)]
    [InlineData("vtc1szg6qyevpu7", PayeeRefusal.Unspendable)]
    [InlineData("vtc1qpuqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50qwlx8zw", PayeeRefusal.Unspendable)] // begins with 0x0f
    [InlineData("vtc1qqa86gtdpx6nkcf4yphyvcd2pwmulg2j2a9yfz545rffhfehl4r7she74vx", PayeeRefusal.Unspendable)]
    [InlineData("vtc1qqzd2gtdpx6nkcf4yphyvcd2pwmulg2j2a9yfz545rffhfehl4r7st42afs", PayeeRefusal.Unspendable)]
    [InlineData("vtc1qz7tf3LVH07VFGUGY3Z329KRK82DSATAMKC4E2W", PayeeRefusal.NotAnAddress)]
    public void OtherText_Judged_IsRefusedWithAReasonToActOn(string address, PayeeRefusal expected)
    {
        var verdict = PayeeAddress.Judge(address, Vertcoin);
        Assert.Equal(expected, verdict.Refusal);
        Assert.EndsWith(".", verdict.Explanation, StringComparison.Ordinal);
        Assert.Contains(": ", verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void HostileText_Judged_IsNotRepeatedRaw()
    {
        var verdict = PayeeAddress.Judge("\u001b[31m<b>" + new string('x', 100_000), Vertcoin);
        Assert.Equal(PayeeRefusal.NotAnAddress, verdict.Refusal);
        Assert.True(verdict.Explanation.Length < 300);
        Assert.DoesNotContain('\u001b', verdict.Explanation);
    }
}
