using Grainpool.Gateway.Spooling;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>What was done to the files of a spool, in order: from it the files can be had as they would be after a crash at any point.</summary>
internal sealed class SpoolHistory
{
    private readonly List<(MemorySpoolFile File, long Offset, byte[]? Written, long Length)> _steps = [];

    public int Steps => _steps.Count;

    public void Wrote(MemorySpoolFile file, long offset, byte[] bytes) => _steps.Add((file, offset, bytes, 0));

    public void Cut(MemorySpoolFile file, long length) => _steps.Add((file, 0, null, length));

    /// <summary>How many ways a step can be torn: a write after any of its bytes.</summary>
    public int Tears(int step) => _steps[step].Written?.Length ?? 0;

    /// <summary>A file after this many whole steps and the first bytes of the next one.</summary>
    public MemorySpoolFile After(MemorySpoolFile file, int steps, int bytesOfNext)
    {
        var copy = new MemorySpoolFile(file.Name);
        for (var i = 0; i < steps; i++) Do(copy, file, _steps[i], int.MaxValue);
        if (bytesOfNext > 0) Do(copy, file, _steps[steps], bytesOfNext);
        return copy;
    }

    private static void Do(MemorySpoolFile copy, MemorySpoolFile file, (MemorySpoolFile File, long Offset, byte[]? Written, long Length) step, int bytes)
    {
        if (step.File != file) return;
        if (step.Written is null) copy.SetLength(step.Length);
        else copy.Write(step.Offset, step.Written.AsSpan(0, Math.Min(bytes, step.Written.Length)));
    }
}

/// <summary>A spool file in memory.</summary>
internal sealed class MemorySpoolFile(string name, SpoolHistory? history = null) : ISpoolFile
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly TaskCompletionSource _writerHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _openToFlush = new(initialState: true);
    private readonly TaskCompletionSource _flushHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _bytes = [];

    /// <summary>When set, writes fail with it.</summary>
    public IOException? Fault { get; set; }

    /// <summary>Flushes so far.</summary>
    public int Flushes { get; private set; }

    /// <summary>Something was written.</summary>
    public event Action? Written;

    public string Name => name;

    public long Length => _bytes.Length;

    public byte[] Bytes => _bytes;

    /// <summary>Returns when a writer waits because of <see cref="HoldWriters"/>.</summary>
    public Task WriterHeld => _writerHeld.Task;

    /// <summary>Keeps writers waiting.</summary>
    /// <returns>Lets them go on.</returns>
    public Action HoldWriters()
    {
        _open.Reset();
        return _open.Set;
    }

    /// <summary>Returns when a flush waits because of <see cref="HoldFlushes"/>: what was written so far is not on disk.</summary>
    public Task FlushHeld => _flushHeld.Task;

    /// <summary>Keeps flushes waiting.</summary>
    /// <returns>Lets them go on.</returns>
    public Action HoldFlushes()
    {
        _openToFlush.Reset();
        return _openToFlush.Set;
    }

    public int Read(long offset, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(_bytes.Length - offset, 0, buffer.Length);
        _bytes.AsSpan((int)Math.Min(offset, _bytes.Length), count).CopyTo(buffer);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (!_open.IsSet) _writerHeld.TrySetResult();
        _open.Wait();
        if (Fault is not null) throw Fault;
        history?.Wrote(this, offset, bytes.ToArray());
        if (offset + bytes.Length > _bytes.Length) Array.Resize(ref _bytes, (int)offset + bytes.Length);
        bytes.CopyTo(_bytes.AsSpan((int)offset));
        Written?.Invoke();
    }

    public void SetLength(long length)
    {
        if (Fault is not null) throw Fault;
        history?.Cut(this, length);
        Array.Resize(ref _bytes, (int)length);
    }

    public void Flush()
    {
        if (!_openToFlush.IsSet) _flushHeld.TrySetResult();
        _openToFlush.Wait();
        if (Fault is not null) throw Fault;
        Flushes++;
    }

    public void Dispose()
    {
        // Its bytes are looked at afterwards.
    }
}
