using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Work;
using Orleans.Concurrency;

namespace Grainpool.GrainInterfaces.Templates;

/// <summary>The block templates of one network, and the blocks found on them; its key is the network's name.</summary>
/// <remarks>
/// It watches all configured daemons and awaits no other grain. Its questions only read what is there, so they are answered while a block is being stored.
/// </remarks>
[Alias("grainpool.Template")]
public interface ITemplateGrain : IGrainWithStringKey
{
    /// <summary>The best template there is, or why there is none.</summary>
    [AlwaysInterleave]
    [Alias("current")]
    Task<TemplateAnswer> Current();

    /// <summary>The raw transactions of a recent template, in block order without the coinbase; null when it is not held any more.</summary>
    [AlwaysInterleave]
    [Alias("transactions")]
    Task<TemplateTransactions?> Transactions(Hash256 templateId);

    /// <summary>Records a found block and sees to it that every daemon gets it; idempotent by hash.</summary>
    /// <returns>Once the block is durable; the submission goes on by itself.</returns>
    [Alias("found")]
    Task<BlockReceipt> Found(FoundBlock block);

    /// <summary>Blocks found by this cluster and what became of them, newest first.</summary>
    [AlwaysInterleave]
    [Alias("blocks")]
    Task<ImmutableArray<BlockRecord>> Blocks();

    /// <summary>Heights of blocks of the parent chain, as far as a daemon knows them; the unknown ones are left out.</summary>
    [AlwaysInterleave]
    [Alias("heights")]
    Task<ImmutableDictionary<Hash256, int>> Heights(ImmutableArray<Hash256> blocks);

    /// <summary>How the daemons do.</summary>
    [AlwaysInterleave]
    [Alias("daemons")]
    Task<ImmutableArray<DaemonReport>> Daemons();
}

/// <summary>A template, or the lack of one.</summary>
/// <param name="Template">Null when there is none to work on.</param>
/// <param name="Reason">Why there is none, for people; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("grainpool.TemplateAnswer")]
public sealed record TemplateAnswer([property: Id(0)] TemplateWork? Template, [property: Id(1)] string? Reason);

/// <summary>Bodies of a template's transactions.</summary>
/// <param name="TemplateId">The template.</param>
/// <param name="Transactions">Raw transactions, witnesses included.</param>
[GenerateSerializer, Immutable, Alias("grainpool.TemplateTransactions")]
public sealed record TemplateTransactions(
    [property: Id(0)] Hash256 TemplateId,
    [property: Id(1)] ImmutableArray<ImmutableArray<byte>> Transactions);

/// <summary>A block as found by a gateway.</summary>
/// <param name="Hash">Block hash.</param>
/// <param name="Bytes">The whole block.</param>
/// <param name="Height">Its height.</param>
/// <param name="Finder">Payee of the job that found it.</param>
/// <param name="FoundAt">By the gateway's clock.</param>
[GenerateSerializer, Immutable, Alias("grainpool.FoundBlock")]
public sealed record FoundBlock(
    [property: Id(0)] Hash256 Hash,
    [property: Id(1)] ImmutableArray<byte> Bytes,
    [property: Id(2)] uint Height,
    [property: Id(3)] string Finder,
    [property: Id(4)] DateTimeOffset FoundAt);

/// <summary>The answer to a found block.</summary>
/// <param name="Durable">Whether it is stored for good: only then may the gateway forget it.</param>
[GenerateSerializer, Immutable, Alias("grainpool.BlockReceipt")]
public sealed record BlockReceipt([property: Id(0)] bool Durable);

/// <summary>What became of a found block.</summary>
public enum BlockFate
{
    /// <summary>No daemon has judged it yet; it is being tried.</summary>
    Submitting,

    /// <summary>A daemon took it.</summary>
    Accepted,

    /// <summary>Every daemon refused it.</summary>
    Rejected,

    /// <summary>Deep enough in the main chain to be spent.</summary>
    Mature,

    /// <summary>The main chain went another way.</summary>
    Orphaned,
}

/// <summary>A found block in the books.</summary>
/// <param name="Hash">Block hash.</param>
/// <param name="Height">Block height.</param>
/// <param name="Finder">Payee of the job that found it.</param>
/// <param name="FoundAt">By the gateway's clock.</param>
/// <param name="Fate">What became of it.</param>
/// <param name="Detail">The daemon's own words, where it said any.</param>
/// <param name="Payouts">Outputs of its coinbase that pay somebody, in their order.</param>
[GenerateSerializer, Immutable, Alias("grainpool.BlockRecord")]
public sealed record BlockRecord(
    [property: Id(0)] Hash256 Hash,
    [property: Id(1)] uint Height,
    [property: Id(2)] string Finder,
    [property: Id(3)] DateTimeOffset FoundAt,
    [property: Id(4)] BlockFate Fate,
    [property: Id(5)] string? Detail,
    [property: Id(6)] ImmutableArray<BlockPayout> Payouts);

/// <summary>An output of a found block's coinbase.</summary>
/// <param name="Payee">Address, or the script in hex when it has none.</param>
/// <param name="Satoshi">Amount.</param>
[GenerateSerializer, Immutable, Alias("grainpool.BlockPayout")]
public sealed record BlockPayout([property: Id(0)] string Payee, [property: Id(1)] ulong Satoshi);

/// <summary>How a daemon does.</summary>
/// <param name="Name">Its address, without secrets.</param>
/// <param name="Healthy">Whether its last answer was usable.</param>
/// <param name="Detail">What is wrong and how to mend it; null when healthy.</param>
/// <param name="Height">Height of its newest template; 0 for none.</param>
/// <param name="LastAnswer">When it last answered well.</param>
[GenerateSerializer, Immutable, Alias("grainpool.DaemonReport")]
public sealed record DaemonReport(
    [property: Id(0)] string Name,
    [property: Id(1)] bool Healthy,
    [property: Id(2)] string? Detail,
    [property: Id(3)] uint Height,
    [property: Id(4)] DateTimeOffset? LastAnswer);
