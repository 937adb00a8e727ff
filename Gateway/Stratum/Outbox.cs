using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Grainpool.Gateway.Stratum;

/// <summary>Lines on their way to one miner. Bounded: a miner that does not read is given up, never waited for.</summary>
internal sealed class Outbox
{
    // A line may be tens of kilobytes, but jobs are the same bytes for all connections of an address.
    private const int MaxLines = 256;
    private const int FlushBytes = 64 * 1024;

    private readonly Channel<ReadOnlyMemory<byte>> _lines =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxLines) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TimeProvider _time;
    private long _writingSince;

    public Outbox(TimeProvider time) => _time = time;

    /// <summary>How long the write under way has been waiting for the miner to read; zero when there is none.</summary>
    public TimeSpan Stalled => Interlocked.Read(ref _writingSince) is not 0 and var since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Queues a line.</summary>
    /// <returns>False when the miner is too far behind, or the box is closed.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> line) => _lines.Writer.TryWrite(line);

    /// <summary>Nothing more will come; what is queued still goes out.</summary>
    public void Close() => _lines.Writer.TryComplete();

    /// <summary>Writes all lines until the box is closed or the connection ends.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken cancellation)
    {
        while (await _lines.Reader.WaitToReadAsync(cancellation))
        {
            var unflushed = 0;
            while (unflushed < FlushBytes && _lines.Reader.TryRead(out var line))
            {
                output.Write(line.Span);
                unflushed += line.Length;
            }
            Interlocked.Exchange(ref _writingSince, Math.Max(1, _time.GetTimestamp()));
            var flush = await output.FlushAsync(cancellation);
            Interlocked.Exchange(ref _writingSince, 0);
            if (flush.IsCompleted) return;
        }
    }
}
