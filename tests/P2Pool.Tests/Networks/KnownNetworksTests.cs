using System.Numerics;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Classic;
using Grainpool.P2Pool.Tests.Golden;

namespace Grainpool.P2Pool.Tests.Networks;

public class KnownNetworksTests
{
    [Fact]
    public void Vertcoin_HasTheConstantsOfTheRecordedNetwork()
    {
        var network = KnownNetworks.Find("vertcoin");
        var constants = Vectors.Json("v35-chain.json").RootElement.GetProperty("constants");
        Assert.Equal(constants.Hex("identifier_hex"), network.Identifier);
        Assert.Equal(constants.GetProperty("share_period").GetInt32(), network.SharePeriod.TotalSeconds);
        Assert.Equal(constants.GetProperty("chain_length").GetInt32(), network.ChainLength);
        Assert.Equal(constants.GetProperty("target_lookbehind").GetInt32(), network.TargetLookbehind);
        Assert.Equal(constants.GetProperty("spread").GetInt32(), network.SpreadBlocks);
        Assert.Equal(constants.Number("max_target"), network.MaxTarget);

        var primitives = Vectors.Json("v35-primitives.json").RootElement;
        Assert.Equal(primitives.GetProperty("constants").Hex("donation_script_hex"), network.DonationScript);
        Assert.Equal(primitives.GetProperty("constants").Text("donation_address_mainnet"), network.DonationAddress);
        Assert.Equal(primitives.GetProperty("constants").Text("donation_address_testnet"), KnownNetworks.Devnet.DonationAddress);
        Assert.Equal(primitives.GetProperty("hash_link").Hex("const_ending_hex"), GenerationTransaction.FrontEnding(network));
    }

    // Before this may change, each template's block has to be told to ShareChain.CurrentBlock, and the bodies of transactions have to be there.
    [Fact]
    public void NetworksANodeCanBeRunOn_DoNotRankHeadsByTheCurrentBlock() =>
        Assert.All(KnownNetworks.Names, name => Assert.Equal(HeadPreference.SolvedBlock, KnownNetworks.Find(name).HeadPreference));

    /// <summary>The recorded networks differ from the main one in their target bounds and address versions only.</summary>
    [Fact]
    public void VertcoinClassic_HasTheConstantsOfTheRecordedNetwork()
    {
        var network = KnownNetworks.VertcoinClassic;
        var recorded = ClassicShares.Recorded(Vectors.Json("live-1800/shares.json").RootElement.GetProperty("net"));
        Assert.Equal(recorded.Identifier, network.Identifier);
        Assert.Equal(recorded.Prefix, network.Prefix);
        Assert.Equal(recorded.DonationScript, network.DonationScript);
        Assert.Equal(
            (recorded.SharePeriod, recorded.ChainLength, recorded.TargetLookbehind, recorded.SpreadBlocks, recorded.MinTarget),
            (network.SharePeriod, network.ChainLength, network.TargetLookbehind, network.SpreadBlocks, network.MinTarget));
        Assert.Equal(0x1e0fffffu, CompactTarget.FromTargetUpperBound(network.MaxTarget).Bits);
        Assert.Equal((1800u, 9346, 9171, false), (network.ProtocolVersion, network.PeerPort, network.WorkerPort, network.Persist));
        Assert.Equal([16, 17], network.ShareVersions.Select(version => version.Number));
        Assert.Equal(Convert.ToHexStringLower(network.DonationScript.AsSpan()), network.DonationPayee);
        Assert.Equal((BigInteger.Pow(2, 256) / BigInteger.Pow(10, 18)) - 1, network.HardestMinerTarget.ToBigInteger());
    }

    [Fact]
    public void MinerTargets_AreTheSaneRange()
    {
        var all = BigInteger.Pow(2, 256);
        Assert.Equal((all / BigInteger.Pow(10, 5)) - 1, KnownNetworks.Vertcoin.EasiestMinerTarget.ToBigInteger());
        Assert.Equal((all / BigInteger.Pow(10, 17)) - 1, KnownNetworks.Vertcoin.HardestMinerTarget.ToBigInteger());
    }

    [Fact]
    public void Devnet_IsDeafToVertcoin()
    {
        var (ours, theirs) = (KnownNetworks.Devnet, KnownNetworks.Vertcoin);
        Assert.False(ours.Prefix.SequenceEqual(theirs.Prefix));
        Assert.False(ours.Identifier.SequenceEqual(theirs.Identifier));
        Assert.Equal(8, ours.Prefix.Length);
        Assert.Equal(8, ours.Identifier.Length);
        Assert.Equal((UInt256)64, Targets.AverageAttempts(ours.MaxTarget));
        Assert.False(ours.Persist);
    }

    [Fact]
    public void UnknownName_Asked_IsAnsweredWithTheKnownOnes()
    {
        var exception = Assert.Throws<ArgumentException>(() => KnownNetworks.Find("vertcon"));
        Assert.Contains("there is no network 'vertcon'; known are devnet, vertcoin", exception.Message, StringComparison.Ordinal);
        foreach (var name in KnownNetworks.Names) Assert.Equal(name, KnownNetworks.Find(name).Name);
    }
}
