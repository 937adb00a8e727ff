using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Grainpool.Gateway.Stratum;

/// <summary>Lines on their way to one miner. Bounded: a miner that does not read is given up, never waited for.</summary>
internal sealed class Outbox
{
    // A line may be tens of kilobytes, but jobs are the same bytes for all connections of an address.
    private const int MaxLines = 256;
    private const int FlushBytes = 64 * 1024;

    // Shorter lines that wait together are sent together.
    private const int ShortBytes = 2048;

    private readonly Channel<QueuedLine> _lines =
        Channel.CreateBounded<QueuedLine>(new BoundedChannelOptions(MaxLines) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TimeProvider _time;
    private long _writingSince;

    public Outbox(TimeProvider time) => _time = time;

    /// <summary>A line, and whose memory it is when others send it too.</summary>
    private readonly record struct QueuedLine(ReadOnlyMemory<byte> Bytes, SharedLine? Shared)
    {
        public int Length => Bytes.Length;

        // Only when the last byte is out: a send that failed may not be over.
        public void Done() => Shared?.RemoveUser();
    }

    /// <summary>How long the write under way has been waiting for the miner to read; zero when there is none.</summary>
    public TimeSpan Stalled => Interlocked.Read(ref _writingSince) is not 0 and var since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Queues a line.</summary>
    /// <returns>False when the miner is too far behind, or the box is closed.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> line) => _lines.Writer.TryWrite(new QueuedLine(line, null));

    /// <summary>Queues a line that others send too.</summary>
    /// <returns>False when the miner is too far behind, or the box is closed.</returns>
    public bool TryAdd(SharedLine line)
    {
        line.AddUser();
        if (_lines.Writer.TryWrite(new QueuedLine(line.Bytes, line))) return true;
        line.RemoveUser();
        return false;
    }

    /// <summary>Nothing more will come; what is queued still goes out.</summary>
    public void Close() => _lines.Writer.TryComplete();

    /// <summary>Writes all lines until the box is closed or the connection ends.</summary>
    public Task WriteAsync(IDuplexPipe transport, CancellationToken cancellation) =>
        transport is SocketTransport { Socket: var socket } ? SendAsync(socket, cancellation) : WriteAsync(transport.Output, cancellation);

    private async Task WriteAsync(PipeWriter output, CancellationToken cancellation)
    {
        while (await _lines.Reader.WaitToReadAsync(cancellation))
        {
            var unflushed = 0;
            while (unflushed < FlushBytes && _lines.Reader.TryRead(out var line))
            {
                output.Write(line.Bytes.Span);
                unflushed += line.Length;
                line.Done();
            }
            Interlocked.Exchange(ref _writingSince, Math.Max(1, _time.GetTimestamp()));
            var flush = await output.FlushAsync(cancellation);
            Interlocked.Exchange(ref _writingSince, 0);
            if (flush.IsCompleted) return;
        }
    }

    private async Task SendAsync(Socket socket, CancellationToken cancellation)
    {
        while (await _lines.Reader.WaitToReadAsync(cancellation))
        {
            while (_lines.Reader.TryRead(out var line))
            {
                Interlocked.Exchange(ref _writingSince, Math.Max(1, _time.GetTimestamp()));
                if (line.Length <= ShortBytes && IsShortNext()) await SendShortAsync(socket, line, cancellation);
                else await SendAsync(socket, line.Bytes, cancellation);
                line.Done();
                Interlocked.Exchange(ref _writingSince, 0);
            }
        }
    }

    private bool IsShortNext() => _lines.Reader.TryPeek(out var next) && next.Length <= ShortBytes;

    // This line, whose use the caller ends, and the short ones behind it.
    private async Task SendShortAsync(Socket socket, QueuedLine line, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * ShortBytes);
        try
        {
            line.Bytes.CopyTo(buffer);
            var length = line.Length;
            while (length <= ShortBytes && IsShortNext() && _lines.Reader.TryRead(out var next))
            {
                next.Bytes.CopyTo(buffer.AsMemory(length));
                length += next.Length;
                next.Done();
            }
            await SendAsync(socket, buffer.AsMemory(0, length), cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }
}
