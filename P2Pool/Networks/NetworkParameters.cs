using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Networks;

/// <summary>Everything in which one p2pool network differs from another. Immutable; passed to whoever needs it.</summary>
/// <remarks>A value marked "consensus" cannot be changed without leaving the network.</remarks>
public sealed record NetworkParameters
{
    /// <summary>Name in configuration, grain keys and file names.</summary>
    public required string Name { get; init; }

    /// <summary>Eight bytes that go into every share's reference hash. Consensus.</summary>
    public required ImmutableArray<byte> Identifier { get; init; }

    /// <summary>Eight bytes that open every frame between nodes.</summary>
    public required ImmutableArray<byte> Prefix { get; init; }

    /// <summary>Protocol version sent, and the least accepted.</summary>
    public required uint ProtocolVersion { get; init; }

    /// <summary>Most bytes of a message's payload, both ways.</summary>
    public required int LargestPayload { get; init; }

    /// <summary>Bytes of transactions to remember at which their sender is banned.</summary>
    public required long MostRememberedBytes { get; init; }

    /// <summary>Whether the bans of a host grow with the square of their number; else one is as long as another.</summary>
    public required bool BansGrow { get; init; }

    /// <summary>Base of the ban for a request that failed; null where the connection merely ends.</summary>
    public required TimeSpan? RequestBan { get; init; }

    /// <summary>Versions of shares, each the successor of the one before; a chain may begin with any. Consensus.</summary>
    public required ImmutableArray<ShareVersionRules> ShareVersions { get; init; }

    /// <summary>The version that all others are to end in.</summary>
    public ShareVersionRules NewestShareVersion => ShareVersions[^1];

    /// <summary>The version with this type number; null when the network has none.</summary>
    public ShareVersionRules? FindShareVersion(ulong type)
    {
        foreach (var version in ShareVersions)
            if ((ulong)version.Number == type)
                return version;
        return null;
    }

    /// <summary>Time the share target aims at between two shares. Consensus.</summary>
    public required TimeSpan SharePeriod { get; init; }

    /// <summary>Shares a chain needs before it counts, and the most a payout window holds. Consensus.</summary>
    public required int ChainLength { get; init; }

    /// <summary>Shares over which the pool's hash rate is measured for the next target. Consensus.</summary>
    public required int TargetLookbehind { get; init; }

    /// <summary>Blocks of work a payout window holds at most. Consensus.</summary>
    public required int SpreadBlocks { get; init; }

    /// <summary>The easiest share target there may ever be. Consensus.</summary>
    public required UInt256 MaxTarget { get; init; }

    /// <summary>The hardest target the pool's rate can lead to. Consensus.</summary>
    public UInt256 MinTarget { get; init; } = UInt256.Zero;

    /// <summary>Output script that takes donated weight, rounding and whatever is not assigned. Consensus.</summary>
    public required ImmutableArray<byte> DonationScript { get; init; }

    /// <summary>The address text that stands for <see cref="DonationScript"/>: among the payees where those are addresses, else for display.</summary>
    public required string DonationAddress { get; init; }

    /// <summary>The name of <see cref="DonationScript"/> among the payees of the weights. Consensus.</summary>
    public string DonationPayee => NewestShareVersion.Payee == PayeeForm.Address ? DonationAddress : Convert.ToHexStringLower(DonationScript.AsSpan());

    /// <summary>Which of several equal heads is built on.</summary>
    public HeadPreference HeadPreference { get; init; } = HeadPreference.SolvedBlock;

    /// <summary>Whether work is refused without a peer and a chain: true on a public network.</summary>
    public required bool Persist { get; init; }

    /// <summary>Port for other nodes.</summary>
    public required int PeerPort { get; init; }

    /// <summary>Hosts of well-known nodes, asked when no other is known.</summary>
    public ImmutableArray<string> SeedHosts { get; init; } = [];

    /// <summary>Port for miners and browsers.</summary>
    public required int WorkerPort { get; init; }

    /// <summary>Amount under which an expected payout makes the share target harder: local policy, satoshi.</summary>
    public required long DustThreshold { get; init; }

    /// <summary>Easiest target a miner is given for its own statistics.</summary>
    public required UInt256 EasiestMinerTarget { get; init; }

    /// <summary>Hardest target a miner is given for its own statistics.</summary>
    public required UInt256 HardestMinerTarget { get; init; }

    /// <summary>The coin itself.</summary>
    public required ParentChainParameters Parent { get; init; }

    /// <summary>Consensus: every share target lies between the pool's target and this fraction of it.</summary>
    public const int HardestShareDivisor = 30;

    /// <summary>Consensus: the finder's part of a block is 1/200.</summary>
    public const int FinderPart = 200;

    /// <summary>Consensus: steps from a share's parent to its far share.</summary>
    public const int FarShareDistance = 99;

    /// <summary>Consensus: what a donation of everything reads like.</summary>
    public const int FullDonation = 65535;
}
