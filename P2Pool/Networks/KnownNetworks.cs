using System.Collections.Frozen;
using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Networks;

/// <summary>The networks this program knows by name.</summary>
public static class KnownNetworks
{
    /// <summary>The network most public Vertcoin nodes run since 2021: protocol 3501, share version 35.</summary>
    public static NetworkParameters Vertcoin { get; } = new()
    {
        Name = "vertcoin",
        Identifier = [0x4b, 0x62, 0x54, 0x5b, 0x1a, 0x63, 0x1a, 0x5c],
        Prefix = [0x1c, 0x0c, 0x1c, 0x71, 0xcc, 0x19, 0x7b, 0xc1],
        ProtocolVersion = 3501,
        LargestPayload = 32_000_000,
        MostRememberedBytes = 25_000_000,
        BansGrow = true,
        RequestBan = TimeSpan.FromSeconds(30),
        ShareVersions = [ShareVersionRules.Version35],
        SharePeriod = TimeSpan.FromSeconds(30),
        ChainLength = 2880,
        TargetLookbehind = 100,
        SpreadBlocks = 12,
        MaxTarget = TargetOfBits(236),
        DonationScript = PublicKeyScript(
            "0440f12d23d1936729d7a27ad3915fd94f38a995b1ebbf327f3cab14367497dcd04545c207eec3e757e56542493cd64aad9cc61605df29f1da0e0fbff4747d27fa"),
        DonationAddress = "VjsmNkoQQNevaa5vcpvCVvDFTA7dD1Un5s",
        Persist = true,
        PeerPort = 9346,
        SeedHosts =
        [
            "fr1.vtconline.org", "p2proxy.vertcoin.org", "vtc.consumableresources.com", "vtc-fl.javerity.com", "vtc-tx.javerity.com",
            "vtc-ca.javerity.com", "p2p-south.xyz", "p2p-ekb.xyz", "p2p-usa.xyz", "p2p-spb.xyz",
        ],
        WorkerPort = 9171,
        DustThreshold = 100_000,
        EasiestMinerTarget = UInt256.DividePowerOf256(100_000) - UInt256.One,
        HardestMinerTarget = UInt256.DividePowerOf256(100_000_000_000_000_000) - UInt256.One,
        Parent = new ParentChainParameters
        {
            Symbol = "VTC",
            PublicKeyHashVersion = 71,
            ScriptHashVersion = 5,
            Bech32Prefix = "vtc",
            BlockPeriod = TimeSpan.FromSeconds(150),
            HalvingInterval = 840_000,
            KnownRules = ["bip34", "bip65", "bip66", "csv", "segwit", "taproot"],
            MinerDifficultyFactor = 256,
        },
    };

    /// <summary>The rules of <see cref="Vertcoin"/> on a simulated coin, easy and fast enough for one processor: a network of its own.</summary>
    /// <remarks>
    /// A share every 4 s and a window of three blocks, so that a handful of miners is paid within minutes. The easiest target takes 64
    /// hashes on average. A miner that is the whole pool is given the hardest share there may be, 30 times that, so even a few
    /// hundred hashes a second find one within seconds. Work needs no peer and no chain.
    /// </remarks>
    public static NetworkParameters Devnet { get; } = Vertcoin with
    {
        Name = "devnet",
        Identifier = [0x67, 0x72, 0x61, 0x69, 0x6e, 0x64, 0x65, 0x76],
        Prefix = [0xd6, 0x72, 0x61, 0x69, 0x6e, 0xd6, 0x65, 0x76],
        SharePeriod = TimeSpan.FromSeconds(4),
        ChainLength = 120,
        TargetLookbehind = 20,
        SpreadBlocks = 3,
        MaxTarget = TargetOfBits(250),
        DonationAddress = "WwtaL5hGXv3Z2sWBh5v9xJ2cLftTMoPRxH",
        Persist = false,
        SeedHosts = [],
        PeerPort = 19346,
        WorkerPort = 19171,
        DustThreshold = 1_000,
        EasiestMinerTarget = TargetOfBits(252),
        Parent = Vertcoin.Parent with
        {
            Symbol = "rVTC",
            PublicKeyHashVersion = 74,
            ScriptHashVersion = 196,
            Bech32Prefix = "rvtc",
            HalvingInterval = 150,
        },
    };

    /// <summary>The older network of Vertcoin, deaf to <see cref="Vertcoin"/>: protocol 1800, share versions 16 and 17.</summary>
    /// <remarks>Its consensus is complete. Work for miners and the relay of transactions are not, so a node cannot be run on it.</remarks>
    public static NetworkParameters VertcoinClassic { get; } = Vertcoin with
    {
        Name = "vertcoin-classic",
        Identifier = [0xa0, 0x6a, 0x81, 0xc8, 0x27, 0xca, 0xb9, 0x83],
        Prefix = [0x7c, 0x36, 0x14, 0xa6, 0xbc, 0xdc, 0xf7, 0x84],
        ProtocolVersion = 1800,
        LargestPayload = 1_000_000,
        MostRememberedBytes = 2_500_000,
        BansGrow = false,
        RequestBan = null,
        ShareVersions = [ShareVersionRules.Version16, ShareVersionRules.Version17],
        SharePeriod = TimeSpan.FromSeconds(15),
        ChainLength = 8640,
        TargetLookbehind = 200,
        MinTarget = 4UL,
        HeadPreference = HeadPreference.CurrentBlock,
        DonationScript = PublicKeyScript(
            "0418a74130b2f4fad899d8ed2bff272bc43a03c8ca72897ae3da584d7a770b5a9ea8dd1b37a620d27c6cf6d5a7a9bbd6872f5981e95816d701d94f201c5d093be6"),
        DonationAddress = "VjqQAcCCYgvkWAWN5KYFLcFaTWiRW1jFNr",
        Persist = false,
        SeedHosts = [],
        DustThreshold = 3_000_000,
        HardestMinerTarget = UInt256.DividePowerOf256(1_000_000_000_000_000_000) - UInt256.One,
    };

    private static readonly FrozenDictionary<string, NetworkParameters> ByName =
        new[] { Vertcoin, Devnet }.ToFrozenDictionary(network => network.Name, StringComparer.Ordinal);

    // Their shares can be read and judged, and no more.
    private static readonly ImmutableArray<NetworkParameters> ConsensusOnly = [VertcoinClassic];

    /// <summary>Names of the networks a node can be run on: those that <see cref="Find"/> answers.</summary>
    public static ImmutableArray<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The network of this name, as configured.</summary>
    /// <exception cref="ArgumentException">No such network, or none a node can be run on; the message says which and lists those there are.</exception>
    public static NetworkParameters Find(string name)
    {
        if (ByName.TryGetValue(name, out var network)) return network;
        var problem = ConsensusOnly.Any(known => known.Name == name)
            ? $"network '{name}' cannot be mined on yet: its shares are understood, its peers and the making of its work are not there"
            : $"there is no network '{name}'";
        throw new ArgumentException($"{problem}; known are {string.Join(", ", Names)}", nameof(name));
    }

    // Pays a public key; the donation's address text stands for the hash of the same key.
    private static ImmutableArray<byte> PublicKeyScript(string key) => [0x41, .. Convert.FromHexString(key), 0xac];

    // 2^bits − 1
    private static UInt256 TargetOfBits(int bits) => UInt256.MaxValue >> (256 - bits);
}
