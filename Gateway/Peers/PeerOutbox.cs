using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Grainpool.Gateway.Peers;

/// <summary>Frames on their way to one node. Bounded in bytes: a node that does not read is given up, never waited for.</summary>
internal sealed class PeerOutbox(int mostBytes, TimeProvider time)
{
    private const int FlushBytes = 64 * 1024;

    private readonly Channel<ReadOnlyMemory<byte>> _frames = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private long _queued;
    private long _writingSince;

    /// <summary>How long the write under way has been waiting for the node to read; zero when there is none.</summary>
    public TimeSpan Stalled => Interlocked.Read(ref _writingSince) is not 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Queues a frame.</summary>
    /// <returns>False when the node is too far behind, or the box is closed. A lone frame always fits.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> frame)
    {
        var queued = Interlocked.Add(ref _queued, frame.Length);
        return (queued <= mostBytes || queued == frame.Length) && _frames.Writer.TryWrite(frame);
    }

    /// <summary>Nothing more will come; what is queued still goes out.</summary>
    public void Close() => _frames.Writer.TryComplete();

    /// <summary>Writes all frames until the box is closed or the connection ends.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken cancellation)
    {
        while (await _frames.Reader.WaitToReadAsync(cancellation))
        {
            while (_frames.Reader.TryRead(out var frame))
            {
                for (var rest = frame; !rest.IsEmpty;)
                {
                    var part = rest[..Math.Min(FlushBytes, rest.Length)];
                    rest = rest[part.Length..];
                    output.Write(part.Span);
                    Interlocked.Exchange(ref _writingSince, Math.Max(1, time.GetTimestamp()));
                    var flush = await output.FlushAsync(cancellation);
                    Interlocked.Exchange(ref _writingSince, 0);
                    if (flush.IsCompleted) return;
                }
                Interlocked.Add(ref _queued, -frame.Length);
            }
        }
    }
}
