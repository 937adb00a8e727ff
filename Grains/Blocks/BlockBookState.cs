using Grainpool.GrainInterfaces.Templates;
using Grainpool.Grains.State;

namespace Grainpool.Grains.Blocks;

/// <summary>The book of found blocks at rest.</summary>
[GenerateSerializer, Alias("grainpool.BlockBookState")]
internal sealed class BlockBookState : IRevisedState
{
    /// <inheritdoc/>
    [Id(0)]
    public long Revision { get; set; }

    /// <inheritdoc/>
    [Id(2)]
    public Guid Writer { get; set; }

    /// <summary>All blocks, in the order they were found.</summary>
    [Id(1)]
    public List<BlockState> Blocks { get; set; } = [];
}

/// <summary>A found block at rest.</summary>
[GenerateSerializer, Alias("grainpool.BlockState")]
internal sealed class BlockState
{
    /// <summary>Block hash, in hex as people read it.</summary>
    [Id(0)]
    public string Hash { get; set; } = "";

    /// <summary>Block height.</summary>
    [Id(1)]
    public uint Height { get; set; }

    /// <summary>Payee of the job that found it.</summary>
    [Id(2)]
    public string Finder { get; set; } = "";

    /// <summary>By the gateway's clock.</summary>
    [Id(3)]
    public DateTimeOffset FoundAt { get; set; }

    /// <summary>What became of it.</summary>
    [Id(4)]
    public BlockFate Fate { get; set; }

    /// <summary>The daemons' words.</summary>
    [Id(5)]
    public string? Detail { get; set; }

    /// <summary>Whom its coinbase pays.</summary>
    [Id(6)]
    public List<PayoutState> Payouts { get; set; } = [];

    /// <summary>The whole block, until a daemon has judged it.</summary>
    [Id(7)]
    public byte[]? Bytes { get; set; }
}

/// <summary>A payout at rest.</summary>
[GenerateSerializer, Alias("grainpool.PayoutState")]
internal sealed class PayoutState
{
    /// <summary>Address, or script in hex.</summary>
    [Id(0)]
    public string Payee { get; set; } = "";

    /// <summary>Amount.</summary>
    [Id(1)]
    public ulong Satoshi { get; set; }
}
