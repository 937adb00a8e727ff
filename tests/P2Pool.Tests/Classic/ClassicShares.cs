using System.Collections.Immutable;
using System.Text.Json;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Classic;

/// <summary>Short ways to read the golden data of network 1800.</summary>
internal static class ClassicShares
{
    /// <summary>A recorded regtest network, from the <c>net</c> of its files.</summary>
    public static NetworkParameters Recorded(JsonElement net) => KnownNetworks.VertcoinClassic with
    {
        Name = net.Text("name"),
        Identifier = [.. net.Hex("IDENTIFIER")],
        Prefix = [.. net.Hex("PREFIX")],
        SharePeriod = TimeSpan.FromSeconds(net.GetProperty("SHARE_PERIOD").GetInt32()),
        ChainLength = net.GetProperty("CHAIN_LENGTH").GetInt32(),
        TargetLookbehind = net.GetProperty("TARGET_LOOKBEHIND").GetInt32(),
        SpreadBlocks = net.GetProperty("SPREAD").GetInt32(),
        MaxTarget = net.Number("MAX_TARGET"),
        MinTarget = UInt256.FromBigInteger(net.Decimal("MIN_TARGET")),
        DonationScript = [.. net.Hex("DONATION_SCRIPT")],
        Parent = KnownNetworks.VertcoinClassic.Parent with
        {
            PublicKeyHashVersion = net.GetProperty("ADDRESS_VERSION").GetByte(),
            ScriptHashVersion = net.GetProperty("SEGWIT_ADDRESS_VERSION").GetByte(),
            Bech32Prefix = net.Text("HRP"),
            HalvingInterval = 150,
        },
    };

    /// <summary>A share whose proof of work is known.</summary>
    public static CheckedShare Checked(NetworkParameters network, byte[] wire, UInt256 proofOfWork)
    {
        var result = new ShareCheck(network).Check(WrappedShare.Parse(wire), proofOfWork);
        return result.Share ?? throw new InvalidOperationException($"{result.Fault} {result.Detail}");
    }

    /// <summary>A share of the main network's rules whose proof of work passes everything.</summary>
    public static CheckedShare Stubbed(byte[] wire) => Checked(KnownNetworks.VertcoinClassic, wire, UInt256.Zero);

    /// <summary>The shares of v17-chain-320, oldest first.</summary>
    public static ImmutableArray<CheckedShare> Chain320 { get; } =
    [
        .. System.Text.Encoding.ASCII.GetString(Vectors.Bytes("v17-chain-320.shares"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Stubbed(Convert.FromHexString(line.AsSpan(2).Trim()))),
    ];
}
