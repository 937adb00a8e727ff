using System.Buffers;
using System.Net;
using System.Text;
using CsCheck;
using Grainpool.Gateway.Connections;

namespace Grainpool.Gateway.Tests.Connections;

public class ProxyHeaderTests
{
    private static readonly byte[] Signature = Convert.FromHexString("0d0a0d0a000d0a515549540a");

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 56324 9171\r\n", "192.0.2.7:56324")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 1 9171\r\n", "[2001:db8::7]:1")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", null)]
    public void TextHeader_CutAnywhere_IsTakenOffWhole(string header, string? source) => AssertTaken(Encoding.ASCII.GetBytes(header), source);

    [Theory]
    [InlineData("2111000c" + "c0000207" + "c6336401" + "dc04" + "23d3", "192.0.2.7:56324")]
    // With a TLV behind the addresses.
    [InlineData("21110010" + "c0000207" + "c6336401" + "dc04" + "23d3" + "04000100", "192.0.2.7:56324")]
    [InlineData("21210024" + "20010db8000000000000000000000007" + "20010db8000000000000000000000001" + "dc04" + "23d3", "[2001:db8::7]:56324")]
    [InlineData("20000000", null)]
    [InlineData("21310000", null)]
    public void BinaryHeader_CutAnywhere_IsTakenOffWhole(string rest, string? source) => AssertTaken([.. Signature, .. Convert.FromHexString(rest)], source);

    [Theory]
    [InlineData("{\"id\":1}")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7\r\n")]
    [InlineData("PROXY TCP4 192.0.2.x 198.51.100.1 56324 9171\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 99999 9171\r\n")]
    [InlineData("PROXY TCP5 192.0.2.7 198.51.100.1 1 9171\r\n")]
    [InlineData("proxy tcp4 192.0.2.7 198.51.100.1 1 9171\r\n")]
    public void AnythingElse_IsWrong(string text) => Assert.Equal(ProxyOutcome.Wrong, Take(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public void TextWithoutEnd_IsWrongFrom107BytesOn() =>
        Assert.Equal(ProxyOutcome.Wrong, Take(Encoding.ASCII.GetBytes("PROXY TCP4 " + new string('1', 96)), out _, out _));

    [Theory]
    // Another command, another version, addresses cut short, far too long.
    [InlineData("2211000cc0000207c6336401dc0423d3")]
    [InlineData("1111000cc0000207c6336401dc0423d3")]
    [InlineData("2111000bc0000207c6336401dc0423")]
    [InlineData("2111ffff")]
    public void BrokenBinaryHeader_IsWrong(string rest) =>
        Assert.Equal(ProxyOutcome.Wrong, Take([.. Signature, .. Convert.FromHexString(rest)], out _, out _));

    [Fact]
    public void AnyBytes_NeverThrow() => Gen.Select(Gen.Bool, Gen.Byte.Array[0, 300]).Sample(
        (signed, bytes) => Take(signed ? [.. Signature, .. bytes] : [.. "PROXY "u8, .. bytes], out _, out _) is >= 0, iter: 20_000);

    private static void AssertTaken(byte[] header, string? source)
    {
        for (var length = 0; length < header.Length; length++) Assert.Equal(ProxyOutcome.Incomplete, Take(header[..length], out _, out _));
        Assert.Equal(ProxyOutcome.Header, Take([.. header, .. "{rest"u8], out var rest, out var found));
        Assert.Equal("{rest", rest);
        Assert.Equal(source is null ? null : IPEndPoint.Parse(source), found);
    }

    private static ProxyOutcome Take(byte[] bytes, out string rest, out IPEndPoint? source)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        var outcome = ProxyHeader.Take(ref buffer, out source);
        rest = Encoding.Latin1.GetString(buffer.ToArray());
        return outcome;
    }
}
