using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Grainpool.Gateway.Blocks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>One daemon that takes every block, and has the tip it is told; null when it does not answer.</summary>
internal sealed class FakeDaemons : IDaemonLink
{
    public bool Any => true;

    public Hash256? Tip { get; set; }

    /// <summary>Blocks handed in, as they come.</summary>
    public Channel<byte[]> Blocks { get; } = Channel.CreateUnbounded<byte[]>();

    public async IAsyncEnumerable<DaemonWord> SubmitAsync(ReadOnlyMemory<byte> block, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        Blocks.Writer.TryWrite(block.ToArray());
        yield return new DaemonWord("daemon", true, "accepted", "accepted");
    }

    public Task<Hash256?> TipAsync(CancellationToken cancellation) => Task.FromResult(Tip);
}
