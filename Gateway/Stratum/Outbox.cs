using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Grainpool.Gateway.Stratum;

/// <summary>Lines on their way to one miner. Bounded: a miner that does not read is given up, never waited for.</summary>
/// <remarks>
/// Nobody waits here for lines to come: whoever has added some sends them itself, on its own thread, unless somebody is sending already. As long as the
/// miner reads, that is one call of the system and no change of threads; what the system does not take at once goes out later, behind everybody's back.
/// </remarks>
internal sealed class Outbox(TimeProvider time)
{
    // A line may be tens of kilobytes, but jobs are the same bytes for all connections of an address.
    private const int MaxLines = 256;
    private const int FlushBytes = 64 * 1024;

    // Shorter lines that wait together are sent together.
    private const int ShortBytes = 2048;

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _writingSince;

    // Under the lock. One that failed stays in sending for ever: nobody is to try again.
    private readonly Queue<QueuedLine> _lines = new();
    private IDuplexPipe? _transport;
    private CancellationToken _cancellation;
    private bool _isSending;
    private bool _isClosed;

    /// <summary>A line, and whose memory it is when others send it too.</summary>
    private readonly record struct QueuedLine(ReadOnlyMemory<byte> Bytes, SharedLine? Shared)
    {
        public int Length => Bytes.Length;

        // Only when the last byte is out: a send that failed may not be over.
        public void Done() => Shared?.RemoveUser();
    }

    /// <summary>How long the write under way has been waiting for the miner to read; zero when there is none.</summary>
    public TimeSpan Stalled => Interlocked.Read(ref _writingSince) is not 0 and var since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>Queues a line for the next <see cref="Send"/>.</summary>
    /// <returns>False when the miner is too far behind, or the box is closed.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> line) => TryAdd(new QueuedLine(line, null));

    /// <summary>Queues a line that others send too.</summary>
    /// <returns>False when the miner is too far behind, or the box is closed.</returns>
    public bool TryAdd(SharedLine line)
    {
        line.AddUser();
        if (TryAdd(new QueuedLine(line.Bytes, line))) return true;
        line.RemoveUser();
        return false;
    }

    /// <summary>Sends what is queued, as far as the system takes it at once; the rest follows by itself. Not to be called under a lock.</summary>
    public void Send()
    {
        lock (_lock)
        {
            if (_transport is null || _isSending || (_lines.Count == 0 && !_isClosed)) return;
            _isSending = true;
        }
        // Every end of it, a failure too, is told by the task of the box.
        _ = SendAllAsync();
    }

    /// <summary>Nothing more will come; what is queued still goes out.</summary>
    public void Close()
    {
        lock (_lock) _isClosed = true;
        Send();
    }

    /// <summary>Opens the way to the miner.</summary>
    /// <returns>Ends when all lines of a closed box have been sent, or when sending failed.</returns>
    public Task WriteAsync(IDuplexPipe transport, CancellationToken cancellation)
    {
        lock (_lock) (_transport, _cancellation) = (transport, cancellation);
        Send();
        return _ended.Task;
    }

    private bool TryAdd(QueuedLine line)
    {
        lock (_lock)
        {
            if (_isClosed || _lines.Count >= MaxLines) return false;
            _lines.Enqueue(line);
            return true;
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            if (_transport is SocketTransport { Socket: var socket }) await SendAllAsync(socket);
            else await SendAllAsync(_transport!.Output);
        }
        catch (OperationCanceledException)
        {
            _ended.TrySetCanceled();
        }
        catch (Exception exception)
        {
            _ended.TrySetException(exception);
        }
    }

    private async ValueTask SendAllAsync(PipeWriter output)
    {
        while (true)
        {
            var unflushed = 0;
            while (unflushed < FlushBytes && Take(isLast: unflushed == 0) is { } line)
            {
                output.Write(line.Bytes.Span);
                unflushed += line.Length;
                line.Done();
            }
            if (unflushed == 0) return;
            var flushing = output.FlushAsync(_cancellation);
            // What is taken at once waits for nobody.
            if (!flushing.IsCompleted) BeginWriting();
            var flush = await flushing;
            EndWriting();
            if (!flush.IsCompleted) continue;
            // Nobody reads any more.
            _ended.TrySetResult();
            return;
        }
    }

    private async ValueTask SendAllAsync(Socket socket)
    {
        while (Take(isLast: true) is { } line)
        {
            BeginWriting();
            if (line.Length <= ShortBytes && IsShortNext()) await SendShortAsync(socket, line);
            else await SendAsync(socket, line.Bytes);
            line.Done();
            EndWriting();
        }
    }

    // This line, whose use the caller ends, and the short ones behind it.
    private async ValueTask SendShortAsync(Socket socket, QueuedLine line)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * ShortBytes);
        try
        {
            line.Bytes.CopyTo(buffer);
            var length = line.Length;
            while (length <= ShortBytes && IsShortNext() && Take(isLast: false) is { } next)
            {
                next.Bytes.CopyTo(buffer.AsMemory(length));
                length += next.Length;
                next.Done();
            }
            await SendAsync(socket, buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, _cancellation)..];
    }

    // When there is none and nothing is left unflushed either, sending is over, in the same moment: a line added later finds nobody sending.
    private QueuedLine? Take(bool isLast)
    {
        lock (_lock)
        {
            if (_lines.TryDequeue(out var line)) return line;
            if (!isLast) return null;
            _isSending = false;
            if (_isClosed) _ended.TrySetResult();
            return null;
        }
    }

    private bool IsShortNext()
    {
        lock (_lock) return _lines.TryPeek(out var next) && next.Length <= ShortBytes;
    }

    private void BeginWriting() => Interlocked.Exchange(ref _writingSince, Math.Max(1, time.GetTimestamp()));

    private void EndWriting() => Interlocked.Exchange(ref _writingSince, 0);
}
