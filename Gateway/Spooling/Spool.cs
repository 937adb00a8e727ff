using System.Collections.Immutable;
using System.Threading.Channels;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.Orleans.AzureStorage.Files;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Spooling;

/// <summary>Keeps shares and blocks on disk from the moment a miner is told of them until the cluster has stored them.</summary>
/// <remarks>
/// Two files, one of which takes the records; entries are copied to the other one when most of the first is not needed any more. What is kept
/// is the union of both, so a crash between any two writes loses nothing. One writer; all waiting entries share one flush.
/// An entry that could not be written is kept in memory and delivered all the same, but its miner is not told that it is safe.
/// </remarks>
internal sealed partial class Spool : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly SpoolLimits _limits;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, SpoolEntry> _kept = [];
    private readonly Channel<Command> _commands = Channel.CreateUnbounded<Command>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;
    private ISpoolFile _active;
    private ISpoolFile _spare;
    private long _end;
    private long _keptBytes;
    private long _nextNumber;
    private string? _fault;

    private Spool(ISpoolFile active, ISpoolFile spare, SpoolLimits limits, ILogger log)
    {
        (_active, _spare, _limits, _log) = (active, spare, limits, log);
        Load();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>A command to the writer.</summary>
    private sealed record Command(SpoolEntry? Entry, TaskCompletionSource<bool>? Written, ImmutableArray<long> Released);

    /// <summary>Told of every entry to deliver, from any thread: those found at the start by <see cref="Kept"/>.</summary>
    public event Action<SpoolEntry>? Added;

    /// <summary>What is kept, in order.</summary>
    public ImmutableArray<SpoolEntry> Kept
    {
        get
        {
            lock (_lock) return [.. _kept.Values];
        }
    }

    /// <summary>Number of entries kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _kept.Count;
        }
    }

    /// <summary>Why no work should be handed out: the spool is full or cannot be written. Null when all is well.</summary>
    public string? Trouble
    {
        get
        {
            lock (_lock)
            {
                if (_fault is not null) return $"the spool cannot be written: {_fault}";
                return _keptBytes > _limits.FullBytes ? $"the spool is full: {_kept.Count} shares and blocks wait for a silo" : null;
            }
        }
    }

    /// <summary>Opens the spool in a folder, which is made when it is missing.</summary>
    /// <exception cref="IOException">The folder or a file cannot be used, or another gateway uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">Not allowed to.</exception>
    /// <exception cref="InvalidDataException">A file of that name is no spool file.</exception>
    public static Spool Open(string folder, SpoolLimits limits, ILogger log)
    {
        DurableFolder.Make(folder);
        var first = new DiskSpoolFile(Path.Combine(folder, "spool-1.dat"));
        try
        {
            var second = new DiskSpoolFile(Path.Combine(folder, "spool-2.dat"));
            // What is flushed into a file is lost with its name.
            DurableFolder.Flush(folder);
            return Open(first, second, limits, log);
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>Opens the spool in two files.</summary>
    internal static Spool Open(ISpoolFile first, ISpoolFile second, SpoolLimits limits, ILogger log) => new(first, second, limits, log);

    /// <summary>Keeps a share.</summary>
    /// <returns>Once it is on disk: true. False when it could not be written, or there is no room for it.</returns>
    public Task<bool> AddAsync(OfferedShare share)
    {
        lock (_lock)
        {
            if (_keptBytes > _limits.RefuseSharesBytes) return Task.FromResult(false);
        }
        return AddAsync(number => new SpooledShare(number, share));
    }

    /// <summary>Keeps a block; there is always room for one.</summary>
    /// <returns>Once it is on disk: true. False when it could not be written.</returns>
    public Task<bool> AddAsync(FoundBlock block) => AddAsync(number => new SpooledBlock(number, block));

    /// <summary>Forgets entries that the cluster has stored, or will never take.</summary>
    public void Release(ImmutableArray<long> numbers)
    {
        lock (_lock)
        {
            foreach (var number in numbers)
            {
                if (_kept.Remove(number, out var entry)) _keptBytes -= entry.Size;
            }
            Instruments.SpoolEntries.Set(_kept.Count);
        }
        _commands.Writer.TryWrite(new Command(null, null, numbers));
    }

    /// <summary>Tries to write again what could not be written.</summary>
    public void Retry()
    {
        if (_fault is not null) _commands.Writer.TryWrite(new Command(null, null, []));
    }

    /// <summary>Writes what is waiting and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        _commands.Writer.TryComplete();
        await _writing;
        _active.Dispose();
        _spare.Dispose();
    }

    private Task<bool> AddAsync(Func<long, SpoolEntry> make)
    {
        var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            var entry = make(_nextNumber++);
            _kept.Add(entry.Number, entry);
            _keptBytes += entry.Size;
            Instruments.SpoolEntries.Set(_kept.Count);
            // Inside the lock, so that the file has the order of the numbers.
            if (!_commands.Writer.TryWrite(new Command(entry, written, []))) written.SetResult(false);
        }
        return written.Task;
    }

    private void Load()
    {
        var released = new HashSet<long>();
        var inActive = new SortedDictionary<long, SpoolEntry>();
        _end = Cut(_active, SpoolRecord.ReadAll(_active, inActive, released));
        var inSpare = new SortedDictionary<long, SpoolEntry>();
        Cut(_spare, SpoolRecord.ReadAll(_spare, inSpare, released));

        foreach (var entry in inActive.Concat(inSpare))
        {
            if (!released.Contains(entry.Key)) _kept[entry.Key] = entry.Value;
        }
        _keptBytes = _kept.Values.Sum(entry => (long)entry.Size);
        _nextNumber = new[] { inActive, inSpare }.SelectMany(entries => entries.Keys).Concat(released).DefaultIfEmpty(0).Max() + 1;
        Instruments.SpoolEntries.Set(_kept.Count);

        // First everything into the active file, then away with the spare one: a crash in between leaves both.
        var missing = new ByteWriter();
        if (_end == 0) missing.Bytes(SpoolRecord.FileHead);
        foreach (var entry in _kept.Values.Where(entry => !inActive.ContainsKey(entry.Number))) SpoolRecord.Write(missing, entry);
        Append(missing.Written, flush: missing.Length > 0);
        if (_spare.Length > 0) _spare.SetLength(0);
        if (_kept.Count > 0) LogFound(_kept.Count, _active.Name);
    }

    private long Cut(ISpoolFile file, long end)
    {
        if (file.Length == end) return end;
        LogCut(file.Name, file.Length - end, end);
        file.SetLength(end);
        return end;
    }

    private async Task WriteAsync()
    {
        var batch = new List<Command>();
        while (await _commands.Reader.WaitToReadAsync())
        {
            while (_commands.Reader.TryRead(out var command)) batch.Add(command);
            var written = WriteBatch(batch);
            foreach (var command in batch)
            {
                command.Written?.SetResult(written);
                // Also when it was not written: then memory is all there is, and it should leave it soon.
                if (command.Entry is not null) Added?.Invoke(command.Entry);
            }
            batch.Clear();
        }
    }

    private bool WriteBatch(List<Command> batch)
    {
        try
        {
            if (_fault is not null)
            {
                // Whatever the failed write left behind: everything goes into the other file, this batch with it.
                Rewrite();
                LogMended(_active.Name);
                SetFault(null);
                return true;
            }

            var output = new ByteWriter();
            var entries = 0;
            foreach (var command in batch)
            {
                foreach (var number in command.Released) SpoolRecord.WriteRelease(output, number);
                if (command.Entry is null) continue;
                SpoolRecord.Write(output, command.Entry);
                entries++;
            }
            Append(output.Written, flush: entries > 0);
            if (_end > _limits.CompactBytes && _end > 4 * Interlocked.Read(ref _keptBytes)) Rewrite();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogFailed(exception, _active.Name);
            SetFault(exception.Message);
            return false;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes, bool flush)
    {
        if (bytes.IsEmpty) return;
        _active.Write(_end, bytes);
        if (flush) _active.Flush();
        _end += bytes.Length;
    }

    // All that is kept goes into the spare file, which then becomes the active one.
    private void Rewrite()
    {
        var output = new ByteWriter();
        output.Bytes(SpoolRecord.FileHead);
        foreach (var entry in Kept) SpoolRecord.Write(output, entry);
        _spare.SetLength(0);
        _spare.Write(0, output.Written);
        _spare.Flush();
        (_active, _spare, _end) = (_spare, _active, output.Length);
        _spare.SetLength(0);
    }

    private void SetFault(string? fault)
    {
        lock (_lock) _fault = fault;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} shares and blocks of an earlier run are in {File} and will be delivered")]
    private partial void LogFound(int count, string file);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{File}: the last {Bytes} bytes, from offset {Offset}, are no whole record and were cut off, as after a crash in the middle of a write")]
    private partial void LogCut(string file, long bytes, long offset);

    [LoggerMessage(Level = LogLevel.Error, Message = "{File} cannot be written; no work is handed out until it can")]
    private partial void LogFailed(Exception exception, string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool can be written again, now {File}")]
    private partial void LogMended(string file);
}
