using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Blocks;

/// <summary>A daemon's last word on a block.</summary>
/// <param name="Daemon">Which one.</param>
/// <param name="Held">Whether it has the block and holds it for valid.</param>
/// <param name="Outcome">A short word for the metrics.</param>
/// <param name="Detail">In words.</param>
internal sealed record DaemonWord(string Daemon, bool Held, string Outcome, string Detail);

/// <summary>What a gateway itself asks of the coin daemons.</summary>
internal interface IDaemonLink
{
    /// <summary>Whether there is any daemon to ask.</summary>
    bool Any { get; }

    /// <summary>Hands a block to every daemon at once; each word as it comes.</summary>
    IAsyncEnumerable<DaemonWord> SubmitAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation);

    /// <summary>The tip as the first daemon says that answers; null when none does.</summary>
    Task<Hash256?> TipAsync(CancellationToken cancellation);
}
