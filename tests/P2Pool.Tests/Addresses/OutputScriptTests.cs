using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Addresses;

public class OutputScriptTests
{
    [Fact]
    public void ReferenceAddresses_Resolved_GiveTheReferenceScripts()
    {
        var cases = Vectors.Json("v35-addresses.json").RootElement.GetProperty("cases").EnumerateArray().ToList();
        Assert.True(cases.Count(CheckReference) > 10);
    }

    [Fact]
    public void LiveAddresses_Resolved_GiveTheScriptsOfTheNodes()
    {
        var vectors = Vectors.Json("live-3501/addresses.json").RootElement.GetProperty("vectors").EnumerateArray().ToList();
        var paid = vectors.Count(CheckLive);
        Assert.True(paid > 100 && vectors.Count - paid > 30);
    }

    /// <summary>Everything a case of the reference says that holds for shares; whether it can be paid.</summary>
    internal static bool CheckReference(JsonElement each)
    {
        var script = OutputScript.Of(each.Text("address"), KnownNetworks.Vertcoin.Parent);
        Assert.Equal(each.GetProperty("script_hex").GetString(), Hex(script));
        return script is not null;
    }

    /// <summary>Everything a recorded address says that holds for shares; whether it can be paid.</summary>
    internal static bool CheckLive(JsonElement each)
    {
        var parent = each.Text("net") switch { "main" => KnownNetworks.Vertcoin.Parent, "regtest" => TestNetworks.Regtest, var other => throw new FormatException(other) };
        var script = OutputScript.Of(each.Text("address"), parent);
        var expected = each.GetProperty("script_padding_bugfix_True").TryGetProperty("ok", out var ok) ? ok.GetString() : null;
        Assert.Equal(expected, Hex(script));
        if (script is { } paid) CheckMeaning(each.GetProperty("address_to_pubkey_hash").GetProperty("ok"), paid, parent);
        return script is not null;
    }

    // The number the node reads: little-endian of a hash, big-endian of a witness program; the version of the one, then of the other, or -1.
    private static void CheckMeaning(JsonElement read, ImmutableArray<byte> script, ParentChainParameters parent)
    {
        var number = BigInteger.Parse("0" + read[0].GetString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var (base58, witness) = (read[1].GetInt32(), read[2].GetInt32());
        if (witness >= 0)
        {
            Assert.Equal(-1, base58);
            // Whatever the version, the node writes a script of version 0.
            Assert.InRange(witness, 0, 16);
            Assert.Equal(0, script[0]);
            Assert.Equal(number, new BigInteger(script.AsSpan()[2..], isUnsigned: true, isBigEndian: true));
            return;
        }
        var isScriptHash = base58 == parent.ScriptHashVersion;
        Assert.True(isScriptHash || base58 == parent.PublicKeyHashVersion);
        Assert.Equal(-1, witness);
        Assert.Equal(number, new BigInteger(script.AsSpan().Slice(isScriptHash ? 2 : 3, 20), isUnsigned: true));
    }

    // Its last 25 bytes are those of an address; the reference reads all of them.
    [Fact]
    public void NumberOfMoreThan25Bytes_IsNoAddress()
    {
        const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        const string Address = "Vc9Yrq1thG8mGPMNS5MuM9wfPkduZB2PQC";
        Assert.NotNull(OutputScript.Of(Address, KnownNetworks.Vertcoin.Parent));
        var number = Address.Aggregate(BigInteger.Zero, (sum, letter) => sum * 58 + Alphabet.IndexOf(letter, StringComparison.Ordinal)) + (BigInteger.One << 200);
        var text = "";
        for (; !number.IsZero; number /= 58) text = Alphabet[(int)(number % 58)] + text;
        Assert.Null(OutputScript.Of(text, KnownNetworks.Vertcoin.Parent));
        Assert.Null(OutputScript.Of("", KnownNetworks.Vertcoin.Parent));
        Assert.Null(OutputScript.Of(new string('1', 25), KnownNetworks.Vertcoin.Parent));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("zz")]
    public void NameThatIsNoScriptInHex_StandsForNone(string name) =>
        Assert.Null(new PayeeScripts(KnownNetworks.VertcoinClassic.Parent, PayeeForm.KeyHash).Find(name));

    /// <summary>The one form of bech32 that a share of the older network can name, and its neighbours.</summary>
    [Theory]
    [InlineData("vtc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5ef78x7", true)]
    [InlineData("vtc1pqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5jhfvt4", false)] // version 1
    [InlineData("vtc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5v4wtru", false)] // the checksum of bech32m
    [InlineData("tvtc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5wmaw45", false)] // another network
    [InlineData("vtc1qzqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50qr0uua9", false)] // 32 bytes
    public void WitnessAddress_NamedByItsHash_IsAProgramOf20BytesAndVersion0(string address, bool named) =>
        Assert.Equal(named, KeyHashScript.Parse(address, KnownNetworks.VertcoinClassic.Parent) is not null);

    [Fact]
    public void RememberedScripts_AreThoseResolved()
    {
        var scripts = new PayeeScripts(KnownNetworks.Vertcoin.Parent);
        foreach (var each in Vectors.Json("v35-addresses.json").RootElement.GetProperty("cases").EnumerateArray())
        {
            var address = each.Text("address");
            for (var time = 0; time < 2; time++) Assert.Equal(each.GetProperty("script_hex").GetString(), Hex(scripts.Find(address)));
        }
    }

    private static string? Hex(ImmutableArray<byte>? script) =>
        script is { } bytes ? Convert.ToHexStringLower(bytes.AsSpan()) : null;
}
