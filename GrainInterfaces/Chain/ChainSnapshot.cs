using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.GrainInterfaces.Chain;

/// <summary>The chain as people see it.</summary>
/// <param name="Network">Network name.</param>
/// <param name="At">When it was taken, by the silo's clock.</param>
/// <param name="Epoch">Activation that answered.</param>
/// <param name="Best">Share that new work builds on; zero for none.</param>
/// <param name="Height">Shares from the best back to the oldest held.</param>
/// <param name="AbsoluteHeight">Height the best share itself claims.</param>
/// <param name="Shares">All shares held.</param>
/// <param name="VerifiedShares">Those of them that passed verification.</param>
/// <param name="Heads">Shares without child.</param>
/// <param name="Tails">Missing parents.</param>
/// <param name="DurableThrough">See <see cref="AddSharesAnswer"/>.</param>
/// <param name="LastSequence">Shares accepted in this epoch.</param>
/// <param name="PoolHashRate">Hashes per second over the last hour of shares, stale work included; 0 when unknown.</param>
/// <param name="StaleProportion">Part of the pool's work announced as lost over the last hour of shares, 0…1.</param>
/// <param name="MaxTarget">Easiest target of the best share's place.</param>
/// <param name="BlockTarget">Target of the current block template; zero without one.</param>
/// <param name="BlockHeight">Height of the block being worked on; 0 without a template.</param>
/// <param name="BlockValue">Subsidy and fees of the current template, satoshi.</param>
/// <param name="OwnShares">Own shares in the chain or lost, since this epoch began.</param>
/// <param name="OwnOrphans">Of them, lost because another share was built upon.</param>
/// <param name="OwnDead">Of them, lost because they came too late.</param>
/// <param name="RecentShares">The newest shares of the best chain, newest first.</param>
/// <param name="Blocks">Shares of the best chain that solved a block, newest first.</param>
/// <param name="ExpectedPayouts">Satoshi to each address if the best share were a block now, largest first.</param>
/// <param name="NoWorkReason">Why no work is handed out; null when it is.</param>
/// <param name="OwnLastHour">The cluster's own part of the last hour of shares.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ChainSnapshot")]
public sealed record ChainSnapshot(
    [property: Id(0)] string Network,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] long Epoch,
    [property: Id(3)] Hash256 Best,
    [property: Id(4)] int Height,
    [property: Id(5)] uint AbsoluteHeight,
    [property: Id(6)] int Shares,
    [property: Id(7)] int VerifiedShares,
    [property: Id(8)] int Heads,
    [property: Id(9)] int Tails,
    [property: Id(10)] long DurableThrough,
    [property: Id(11)] long LastSequence,
    [property: Id(12)] double PoolHashRate,
    [property: Id(13)] double StaleProportion,
    [property: Id(14)] UInt256 MaxTarget,
    [property: Id(15)] UInt256 BlockTarget,
    [property: Id(16)] uint BlockHeight,
    [property: Id(17)] ulong BlockValue,
    [property: Id(18)] int OwnShares,
    [property: Id(19)] int OwnOrphans,
    [property: Id(20)] int OwnDead,
    [property: Id(21)] ImmutableArray<ShareSummary> RecentShares,
    [property: Id(22)] ImmutableArray<BlockSummary> Blocks,
    [property: Id(23)] ImmutableArray<ExpectedPayout> ExpectedPayouts,
    [property: Id(24)] string? NoWorkReason,
    [property: Id(25)] OwnShareWindow OwnLastHour)
{
    /// <summary>Nodes that came to us, over all gateways.</summary>
    [Id(26)]
    public int IncomingPeers { get; init; }

    /// <summary>Nodes we went to, over all gateways.</summary>
    [Id(27)]
    public int OutgoingPeers { get; init; }

    /// <summary>How far the chain is fetched; null while it is being loaded.</summary>
    [Id(28)]
    public SyncProgress? Sync { get; init; }

    /// <summary>How many <see cref="Blocks"/> were to be expected of the work of the same shares; 0 without a chain.</summary>
    [Id(29)]
    public double ExpectedBlocks { get; init; }

    /// <summary>The share version that more than half of the last hour's work votes for, when it is a later one than the silo knows; else null.</summary>
    [Id(30)]
    public ulong? UnknownVersion { get; init; }

    /// <summary>As <see cref="PoolHashRate"/>, over the shares of <see cref="PayeeRates"/>.</summary>
    [Id(31)]
    public double LongHashRate { get; init; }

    /// <summary>Who worked how much for the newest 720 shares, most first.</summary>
    [Id(32)]
    public ImmutableArray<PayeeSummary> PayeeRates { get; init; } = [];
}

/// <summary>What somebody put into the chain.</summary>
/// <param name="Address">Payee, as in its shares.</param>
/// <param name="HashRate">Work of its shares over their time, hashes per second; what was lost is not in it.</param>
/// <param name="StaleProportion">Part of its shares announced as lost, 0…1.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PayeeSummary")]
public sealed record PayeeSummary([property: Id(0)] string Address, [property: Id(1)] double HashRate, [property: Id(2)] double StaleProportion);

/// <summary>The cluster's own shares among the last hour of the best chain (3600 s div share period shares, or fewer).</summary>
/// <param name="Shares">Own shares in it.</param>
/// <param name="AnnouncedOrphans">Of them, those that announce an orphan.</param>
/// <param name="AnnouncedDead">Of them, those that announce a dead share.</param>
/// <param name="HashRate">Their work over the window's time, hashes per second; 0 when unknown.</param>
[GenerateSerializer, Immutable, Alias("grainpool.OwnShareWindow")]
public sealed record OwnShareWindow(
    [property: Id(0)] int Shares,
    [property: Id(1)] int AnnouncedOrphans,
    [property: Id(2)] int AnnouncedDead,
    [property: Id(3)] double HashRate);

/// <summary>A share in a list.</summary>
/// <param name="Hash">Share hash.</param>
/// <param name="Address">Payee.</param>
/// <param name="Timestamp">Unix seconds, as written in the share.</param>
/// <param name="AbsoluteHeight">As written in the share.</param>
/// <param name="Target">Target it was found for.</param>
/// <param name="StaleInfo">What it announces: 0, 253 (orphan) or 254 (dead).</param>
/// <param name="Own">Found by a miner of this cluster.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ShareSummary")]
public sealed record ShareSummary(
    [property: Id(0)] Hash256 Hash,
    [property: Id(1)] string Address,
    [property: Id(2)] uint Timestamp,
    [property: Id(3)] uint AbsoluteHeight,
    [property: Id(4)] UInt256 Target,
    [property: Id(5)] byte StaleInfo,
    [property: Id(6)] bool Own);

/// <summary>A share that is a block.</summary>
/// <param name="Hash">Share and block hash.</param>
/// <param name="Height">Block height, read from the coinbase script; 0 when unreadable.</param>
/// <param name="Timestamp">Unix seconds, as written in the share.</param>
/// <param name="Address">Finder.</param>
[GenerateSerializer, Immutable, Alias("grainpool.BlockSummary")]
public sealed record BlockSummary(
    [property: Id(0)] Hash256 Hash,
    [property: Id(1)] uint Height,
    [property: Id(2)] uint Timestamp,
    [property: Id(3)] string Address);

/// <summary>What an address would be paid.</summary>
/// <param name="Address">Payee, as in its shares.</param>
/// <param name="Satoshi">Amount.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ExpectedPayout")]
public sealed record ExpectedPayout([property: Id(0)] string Address, [property: Id(1)] ulong Satoshi);
