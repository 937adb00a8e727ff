using Grainpool.P2Pool.Addresses;

namespace Grainpool.P2Pool.Tests.Addresses;

/// <summary>The invalid examples of BIP 173: each breaks one rule only, so that each rule is seen.</summary>
public sealed class Bech32Tests
{
    [Theory]
    [InlineData("an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx")] // longer than 90
    [InlineData("1nwldj5")] // no prefix
    [InlineData("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sL5k7")] // capital and small letters
    public void WhatHasNotTheForm_IsNoBech32(string text) => Assert.Equal(Bech32.Outcome.NotBech32, Bech32.Decode(text, out _));

    // The letter that stands for nothing is a q; none of these is another way to write it.
    [Theory]
    [InlineData('b')]
    [InlineData('i')]
    [InlineData('o')]
    public void LetterThatStandsForNothing_IsNoBech32(char letter) => Assert.Equal(
        Bech32.Outcome.NotBech32, Bech32.Decode($"bc1{letter}w508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", out _));

    // Made small, the sign for kelvin is a k.
    [Fact]
    public void LetterOfAnotherAlphabet_IsNoneOfThese() => Assert.Equal(
        Bech32.Outcome.NotBech32, Bech32.Decode("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4".Replace('K', '\u212a'), out _));

    [Fact]
    public void WrongChecksum_IsToldAsSuch() =>
        Assert.Equal(Bech32.Outcome.BadChecksum, Bech32.Decode("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", out _));

    [Theory]
    [InlineData("BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2")] // version 17
    [InlineData("bc1rw5uspcuh")] // one byte
    [InlineData("bc10w508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kw5rljs90")] // 41 bytes
    [InlineData("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P")] // version 0 with 16 bytes
    [InlineData("bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du")] // a whole group is left over
    [InlineData("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv")] // what is left over is not zero
    [InlineData("bc1gmk9yu")] // nothing
    public void WhatHasTheChecksum_AndIsNoProgram_IsRefused(string text) => Assert.Equal(Bech32.Outcome.NotAProgram, Bech32.Decode(text, out _));
}
