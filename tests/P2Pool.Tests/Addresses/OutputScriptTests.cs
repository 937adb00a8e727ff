using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Addresses;

public class OutputScriptTests
{
    [Fact]
    public void ReferenceAddresses_Resolved_GiveTheReferenceScripts()
    {
        var paid = 0;
        foreach (var each in Vectors.Json("v35-addresses.json").RootElement.GetProperty("cases").EnumerateArray())
        {
            var script = OutputScript.Of(each.Text("address"), KnownNetworks.Vertcoin.Parent);
            Assert.Equal(each.GetProperty("script_hex").GetString(), Hex(script));
            if (script is not null) paid++;
        }
        Assert.True(paid > 10);
    }

    [Fact]
    public void LiveAddresses_Resolved_GiveTheScriptsOfTheNodes()
    {
        var (paid, refused) = (0, 0);
        foreach (var each in Vectors.Json("live-3501/addresses.json").RootElement.GetProperty("vectors").EnumerateArray())
        {
            var parent = each.Text("net") == "main" ? KnownNetworks.Vertcoin.Parent : TestNetworks.Regtest;
            var script = OutputScript.Of(each.Text("address"), parent);
            var expected = each.GetProperty("script_padding_bugfix_True").TryGetProperty("ok", out var ok) ? ok.GetString() : null;
            Assert.Equal(expected, Hex(script));
            _ = script is null ? refused++ : paid++;
        }
        Assert.True(paid > 100 && refused > 30);
    }

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

    private static string? Hex(System.Collections.Immutable.ImmutableArray<byte>? script) =>
        script is { } bytes ? Convert.ToHexStringLower(bytes.AsSpan()) : null;
}
