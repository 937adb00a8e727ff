using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard;

/// <summary>All that the pages show, taken at one moment.</summary>
/// <param name="At">When the grains answered; the gateway's clock.</param>
/// <param name="Chain">The share chain.</param>
/// <param name="FoundBlocks">Blocks found by this cluster, newest first.</param>
/// <param name="Daemons">The coin daemons.</param>
/// <param name="Events">What happened lately, newest first.</param>
public sealed record PoolView(
    DateTimeOffset At,
    ChainSnapshot Chain,
    ImmutableArray<BlockRecord> FoundBlocks,
    ImmutableArray<DaemonReport> Daemons,
    ImmutableArray<PoolEvent> Events);

/// <summary>Where the pages get their view from.</summary>
public interface IPoolReader
{
    /// <summary>The newest view, at most a second older than need be; null while none was ever had.</summary>
    /// <remarks>While no silo answers it is the last one there was: its <see cref="PoolView.At"/> says how old it is.</remarks>
    ValueTask<PoolView?> Read(CancellationToken cancellation);

    /// <summary>A share as sent between nodes; empty when it is not held or no silo answers.</summary>
    ValueTask<ReadOnlyMemory<byte>> ShareBytes(Hash256 share, CancellationToken cancellation);
}
