using System.Buffers;
using System.IO.Pipelines;

namespace Grainpool.Devnet.Mining;

/// <summary>Lines from a pool, none longer than a bound.</summary>
internal sealed class LineStream(Stream stream) : IAsyncDisposable
{
    // A notify for a block with a thousand payees takes about 70 kB; beyond a megabyte it is no pool.
    private const int MostLineBytes = 1 << 20;
    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>The next line without its end; null when the pool closed the connection.</summary>
    /// <exception cref="PoolRefusedException">The line is too long.</exception>
    public async Task<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = result.Buffer.Slice(0, end).ToArray();
                _reader.AdvanceTo(result.Buffer.GetPosition(1, end));
                return line;
            }
            if (result.Buffer.Length > MostLineBytes) throw new PoolRefusedException($"the pool sent a line of more than {MostLineBytes} bytes");
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted) return null;
        }
    }

    public ValueTask DisposeAsync() => _reader.CompleteAsync();
}
