using System.Text.Json;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The networks on which golden data was recorded.</summary>
internal static class TestNetworks
{
    /// <summary>A recorded regtest network, from the <c>net</c> of its shares file.</summary>
    public static NetworkParameters Recorded(JsonElement net) => KnownNetworks.Vertcoin with
    {
        Name = "recorded",
        Identifier = [.. net.Hex("IDENTIFIER")],
        Prefix = [.. net.Hex("PREFIX")],
        SharePeriod = TimeSpan.FromSeconds(net.GetProperty("SHARE_PERIOD").GetInt32()),
        ChainLength = net.GetProperty("CHAIN_LENGTH").GetInt32(),
        TargetLookbehind = net.GetProperty("TARGET_LOOKBEHIND").GetInt32(),
        SpreadBlocks = net.GetProperty("SPREAD").GetInt32(),
        MaxTarget = net.Number("MAX_TARGET"),
        DonationScript = [.. net.Hex("donation_script")],
        DonationAddress = net.Text("donation_address"),
        Parent = Regtest,
    };

    /// <summary>The main network with shorter chains, from the <c>constants</c> of v35-sync.</summary>
    public static NetworkParameters Sync(JsonElement constants) => KnownNetworks.Vertcoin with
    {
        Name = "sync",
        ChainLength = constants.GetProperty("chain_length").GetInt32(),
        TargetLookbehind = constants.GetProperty("target_lookbehind").GetInt32(),
        SpreadBlocks = constants.GetProperty("spread").GetInt32(),
        MaxTarget = constants.Number("max_target"),
    };

    /// <summary>Addresses of a regtest chain.</summary>
    public static ParentChainParameters Regtest { get; } = KnownNetworks.Vertcoin.Parent with
    {
        PublicKeyHashVersion = 74,
        ScriptHashVersion = 196,
        Bech32Prefix = "rvtc",
        HalvingInterval = 150,
    };
}
