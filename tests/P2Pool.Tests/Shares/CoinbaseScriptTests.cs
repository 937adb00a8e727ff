using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Tests.Shares;

public sealed class CoinbaseScriptTests
{
    [Theory]
    [InlineData(0u, "0000")]
    [InlineData(1u, "5100")]
    [InlineData(16u, "6000")]
    [InlineData(17u, "0111")]
    [InlineData(127u, "017f")]
    [InlineData(128u, "028000")]
    [InlineData(0x7fffu, "02ff7f")]
    [InlineData(0x8000u, "03008000")]
    [InlineData(uint.MaxValue, "05ffffffff00")]
    public void Height_MadeAScript_IsThePushOfItAndAtLeastTwoBytes(uint height, string script)
    {
        Assert.Equal(script, Convert.ToHexStringLower(CoinbaseScript.ForHeight(height).AsSpan()));
        if (height > 0) Assert.Equal(height, CoinbaseScript.HeightOf(Convert.FromHexString(script)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("5000")] // below the opcode of 1
    [InlineData("6100")] // above that of 16
    [InlineData("03ff7f")] // cut
    [InlineData("0280")] // cut
    [InlineData("0180")] // negative
    [InlineData("050000000001")] // more than 32 bits
    [InlineData("06ffffff000000")] // longer than any height is written
    public void ScriptThatBeginsWithNoHeight_HasNone(string script) => Assert.Null(CoinbaseScript.HeightOf(Convert.FromHexString(script)));
}
