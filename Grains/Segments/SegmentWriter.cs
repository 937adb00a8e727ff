using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Primitives;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Segments;

/// <summary>Writes the shares of one activation of a chain to its segments, and knows how many of them are there for good.</summary>
/// <remarks>
/// It runs beside the grain and never in a grain's turn; only <see cref="Enqueue"/>, <see cref="Forget"/> and the properties are called from
/// there. What waits while an append is under way goes out together with the next one. What the store has acknowledged is kept until the store
/// cannot forget it any more: <see cref="ISegmentStore.DurabilityLag"/> later it is looked at once more, and written again if it is gone.
/// </remarks>
internal sealed partial class SegmentWriter : IAsyncDisposable
{
    // Each is mended in between; more than a few mean that the store contradicts itself.
    private const int MostMismatches = 4;

    private readonly ISegmentStore _store;
    private readonly ISegmentFormat _format;
    private readonly long _epoch;
    private readonly SegmentWriterSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private readonly Lock _lock = new();
    private readonly LinkedList<WaitingRecord> _waiting = new();
    private readonly SegmentPlaces _places;
    private long _waitingBytes;
    private bool _full;

    // From here on only the step under way touches anything.
    private readonly List<WrittenSegment> _sealed = [];
    private readonly LinkedList<Acknowledgement> _unconfirmed = new();
    private WrittenSegment _open;
    private Batch? _underWay;
    private DateTimeOffset _nextLook;
    private DateTimeOffset _nextTry;
    private TimeSpan _pause;
    private string? _trouble;

    private readonly TaskCompletionSource<WriterLoss> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _oneStep = new(1, 1);
    private long _durableThrough;
    private long _writtenThrough;
    private Task? _running;

    /// <summary>A writer that goes on where <paramref name="log"/> ends.</summary>
    public SegmentWriter(
        ISegmentStore store, ISegmentFormat format, SegmentLog log, SegmentWriterSettings settings, TimeProvider time, ILogger logger)
    {
        (_store, _format, _settings, _time, _logger) = (store, format, settings, time, logger);
        _epoch = log.Epoch;
        _open = log.Open;
        _places = log.Places;
        _nextLook = time.GetUtcNow() + settings.LookInterval;
        _pause = settings.ShortestPause;
    }

    /// <summary>Completes when this writer has stopped for good.</summary>
    public Task<WriterLoss> Lost => _lost.Task;

    /// <summary>Every record up to this sequence is stored for good, or left the window while the store was away.</summary>
    public long DurableThrough => Interlocked.Read(ref _durableThrough);

    /// <summary>Every record up to this sequence has been acknowledged by the store at least once.</summary>
    public long WrittenThrough => Interlocked.Read(ref _writtenThrough);

    /// <summary>Records that wait to be written.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>What is wrong with the store; null when it answers.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Whether a record is short enough to be stored.</summary>
    public bool Takes(byte[] record) => record.Length <= _settings.MaxRecordBytes;

    /// <summary>Puts a record behind those that wait. Sequences ascend.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The record is longer than <see cref="SegmentWriterSettings.MaxRecordBytes"/>.</exception>
    public void Enqueue(long sequence, Hash256 share, byte[] record)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Length, _settings.MaxRecordBytes);
        lock (_lock)
        {
            _waiting.AddLast(new WaitingRecord(sequence, share, record));
            _waitingBytes += record.Length;
            _places.Expect(share);
            var tooMany = false;
            while (_waiting.Count > _settings.MaxWaiting || _waitingBytes > _settings.MaxWaitingBytes)
            {
                _places.GiveUp(TakeWaiting().Share);
                Instruments.RecordsDropped.Inc();
                tooMany = true;
            }
            if (tooMany && !_full) LogFull(_logger, _store.Chain, _waiting.Count);
            _full = tooMany;
        }

        Wake();
    }

    /// <summary>These shares are not needed any more; a sealed segment that holds no other is deleted.</summary>
    public void Forget(IEnumerable<Hash256> shares)
    {
        lock (_lock) _places.Forget(shares);
    }

    /// <summary>Begins to write, until <see cref="DisposeAsync"/>.</summary>
    public void Start() => _running ??= Task.Run(() => Run(_stop.Token));

    /// <summary>Writes what waits, giving up when <paramref name="cancellationToken"/> says so. Nothing runs afterwards.</summary>
    public async Task Flush(CancellationToken cancellationToken)
    {
        await StopRunning();
        try
        {
            while (Waiting > 0 && !Lost.IsCompleted)
            {
                var next = await Step(cancellationToken);
                if (Waiting > 0) await Task.Delay(next, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogLeft(_logger, _store.Chain, Waiting);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopRunning();
        _stop.Dispose();
        _wake.Dispose();
        _oneStep.Dispose();
    }

    /// <summary>Does all that is due now.</summary>
    /// <returns>When the next thing is due; sooner when something is enqueued.</returns>
    internal async Task<TimeSpan> Step(CancellationToken cancellationToken)
    {
        await _oneStep.WaitAsync(cancellationToken);
        try
        {
            if (Lost.IsCompleted) return Timeout.InfiniteTimeSpan;
            var now = _time.GetUtcNow();
            if (now >= _nextTry)
            {
                try
                {
                    if (now >= _nextLook || ConfirmationDue(now)) await LookAtSegments(cancellationToken);
                    await Append(cancellationToken);
                    await DeleteEmptySegments(cancellationToken);
                    if (now >= _nextTry) Recovered();
                }
                catch (StorageUnavailableException failure)
                {
                    Failed(failure.Message);
                }
            }

            return Due();
        }
        finally
        {
            _oneStep.Release();
        }
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            while (!Lost.IsCompleted)
            {
                var due = await Step(cancellationToken);
                await _wake.WaitAsync(due, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
#pragma warning disable CA1031 // Whatever broke, the owner must know that nothing is written any more.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogBroken(_logger, failure, _store.Chain);
            _lost.TrySetResult(WriterLoss.Broken);
        }
    }

    private async Task StopRunning()
    {
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        if (_running is { } running) await running;
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0) _wake.Release();
    }

    private async Task Append(CancellationToken cancellationToken)
    {
        for (var mismatches = 0; !Lost.IsCompleted;)
        {
            if (_underWay is null && IsFull(_open) && !await SealOpen(cancellationToken)) return;
            _underWay ??= TakeBatch();
            if (_underWay is not { } batch) return;

            var started = _time.GetTimestamp();
            switch (await _store.Append(_open.Number, _open.Length, batch.Bytes, cancellationToken))
            {
                case AppendResult.Appended:
                    Instruments.AppendSeconds.Observe(_time.GetElapsedTime(started).TotalSeconds);
                    Acknowledge(batch);
                    mismatches = 0;
                    break;
                case AppendResult.PositionMismatch when ++mismatches > MostMismatches:
                    Failed($"segment {_open.Number} takes no append at {_open.Length} although it is that long");
                    return;
                case AppendResult.PositionMismatch mismatch:
                    if (!await Mend(_open, mismatch.Sealed, cancellationToken)) return;
                    break;
                case AppendResult.Unavailable unavailable:
                    Failed(unavailable.Reason);
                    return;
            }
        }
    }

    private bool IsFull(WrittenSegment segment) => segment.Shares >= _settings.SharesPerSegment || segment.Length >= _settings.BytesPerSegment;

    private Batch? TakeBatch()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) return null;
            var bytes = new MemoryStream();
            if (_open.Length == 0) bytes.Write(_format.Epoch(_epoch));
            List<Hash256> shares = [];
            var room = _settings.SharesPerSegment - _open.Shares;
            var through = 0L;
            while (shares.Count < room && _waiting.First is { } first && (shares.Count == 0 || bytes.Length + first.Value.Bytes.Length <= _settings.MaxAppendBytes))
            {
                bytes.Write(first.Value.Bytes);
                shares.Add(first.Value.Share);
                through = first.Value.Sequence;
                TakeWaiting();
            }

            return new Batch(bytes.ToArray(), shares, through);
        }
    }

    private WaitingRecord TakeWaiting()
    {
        var first = _waiting.First!.Value;
        _waiting.RemoveFirst();
        _waitingBytes -= first.Bytes.Length;
        return first;
    }

    private void Acknowledge(Batch batch)
    {
        _open.Add(batch.Bytes, batch.Shares.Count);
        _underWay = null;
        lock (_lock) _places.Written(_open.Number, batch.Shares);
        Interlocked.Exchange(ref _writtenThrough, batch.Through);
        if (_store.DurabilityLag == TimeSpan.Zero)
            Interlocked.Exchange(ref _durableThrough, batch.Through);
        else
            _unconfirmed.AddLast(new Acknowledgement(_open.Number, _open.Length, batch.Through, _time.GetUtcNow()));
    }

    // The look before sealing matters: sealing replaces what is there, and a later writer may have shown itself in it.
    private async Task<bool> SealOpen(CancellationToken cancellationToken)
    {
        if (!await Look(_open, cancellationToken)) return false;
        await _store.Seal(_open.Number, _open.Content, cancellationToken);
        _open.SealedAt = _time.GetUtcNow();
        if (_store.DurabilityLag > TimeSpan.Zero) _sealed.Add(_open);
        _open = new WrittenSegment(_open.Number + 1, [], 0);
        return true;
    }

    private bool ConfirmationDue(DateTimeOffset now) =>
        _unconfirmed.First is { } first && first.Value.At + _store.DurabilityLag <= now;

    /// <summary>Compares what is stored with what we wrote, writes again what is gone, and confirms what is old enough.</summary>
    private async Task LookAtSegments(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        foreach (var segment in _sealed.Append(_open).ToList())
            if (!await Look(segment, cancellationToken)) return;

        while (_unconfirmed.First is { } first && first.Value.At + _store.DurabilityLag <= now)
        {
            Interlocked.Exchange(ref _durableThrough, first.Value.Through);
            _unconfirmed.RemoveFirst();
        }

        _sealed.RemoveAll(segment => segment.SealedAt + _store.DurabilityLag <= now);
        _nextLook = now + _settings.LookInterval;
    }

    /// <summary>Whether the segment is as we wrote it, if need be after mending it.</summary>
    private async Task<bool> Look(WrittenSegment segment, CancellationToken cancellationToken)
    {
        var length = await _store.Length(segment.Number, cancellationToken) ?? 0;
        return length == segment.Length || await Mend(segment, false, cancellationToken);
    }

    /// <summary>The store holds something else than expected: finds out what, and writes again what it forgot.</summary>
    /// <returns>Whether the segment is as we wrote it now; false when this writer has lost, or the store is away.</returns>
    private async Task<bool> Mend(WrittenSegment segment, bool sealedByAnother, CancellationToken cancellationToken)
    {
        if (sealedByAnother) return Lose(WriterLoss.LaterWriter, segment.Number);

        var stored = await _store.Read(segment.Number, cancellationToken);
        var ours = segment.Content;
        if (ours.Span.StartsWith(stored))
            return stored.Length == ours.Length || await WriteAgain(segment, stored.Length, cancellationToken);

        // An append whose answer was lost: the store lets it be repeated.
        if (segment == _open && _underWay is { } batch
            && stored.AsSpan().StartsWith(ours.Span) && stored.AsSpan(ours.Length).SequenceEqual(batch.Bytes)) return true;

        var later = _format.Read(stored).LatestEpoch > _epoch;
        return Lose(later ? WriterLoss.LaterWriter : WriterLoss.OtherContent, segment.Number);
    }

    private async Task<bool> WriteAgain(WrittenSegment segment, int from, CancellationToken cancellationToken)
    {
        LogWentBack(_logger, _store.Chain, segment.Number, from, segment.Length);
        Instruments.StoreWentBack.Inc();
        if (segment.SealedAt is not null)
        {
            await _store.Seal(segment.Number, segment.Content, cancellationToken);
            segment.SealedAt = _time.GetUtcNow();
        }
        else
        {
            for (var position = from; position < segment.Length;)
            {
                var part = segment.Content[position..Math.Min(segment.Length, position + _settings.MaxAppendBytes)];
                switch (await _store.Append(segment.Number, position, part, cancellationToken))
                {
                    case AppendResult.Appended:
                        position += part.Length;
                        break;
                    case AppendResult.PositionMismatch:
                        // Somebody was faster; the next look will tell who.
                        _nextLook = _time.GetUtcNow();
                        return false;
                    case AppendResult.Unavailable unavailable:
                        Failed(unavailable.Reason);
                        return false;
                }
            }
        }

        // What was written again is as young as its writing.
        var now = _time.GetUtcNow();
        for (var node = _unconfirmed.First; node is not null; node = node.Next)
            if (node.Value.Segment == segment.Number && node.Value.End > from) node.Value = node.Value with { At = now };
        return true;
    }

    private async Task DeleteEmptySegments(CancellationToken cancellationToken)
    {
        List<long> empty;
        lock (_lock) empty = _places.Empty(_open.Number);
        foreach (var segment in empty)
        {
            if (_sealed.Any(kept => kept.Number == segment)) continue;
            await _store.Delete(segment, cancellationToken);
            lock (_lock) _places.Deleted(segment);
            LogDeleted(_logger, _store.Chain, segment);
        }
    }

    private bool Lose(WriterLoss loss, long segment)
    {
        LogLost(_logger, segment, _store.Chain, loss, _epoch);
        Instruments.WritersReplaced.Inc();
        _lost.TrySetResult(loss);
        return false;
    }

    private void Failed(string reason)
    {
        if (_trouble is null) LogUnavailable(_logger, _store.Chain, reason);
        Volatile.Write(ref _trouble, reason);
        _nextTry = _time.GetUtcNow() + _pause;
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _settings.LongestPause.Ticks));
    }

    private void Recovered()
    {
        if (_trouble is not null) LogAvailable(_logger, _store.Chain, Waiting);
        Volatile.Write(ref _trouble, null);
        _pause = _settings.ShortestPause;
    }

    private TimeSpan Due()
    {
        var now = _time.GetUtcNow();
        var due = _nextLook;
        if (_unconfirmed.First is { } first && first.Value.At + _store.DurabilityLag < due) due = first.Value.At + _store.DurabilityLag;
        if (_nextTry > now) due = _nextTry;
        return due > now ? due - now : TimeSpan.Zero;
    }

    private readonly record struct WaitingRecord(long Sequence, Hash256 Share, byte[] Bytes);

    private sealed record Batch(byte[] Bytes, List<Hash256> Shares, long Through);

    private readonly record struct Acknowledgement(long Segment, long End, long Through, DateTimeOffset At);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shares of {Chain} cannot be stored and are kept in memory: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string chain, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Shares of {Chain} are stored again; {Waiting} wait")]
    private static partial void LogAvailable(ILogger logger, string chain, int waiting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many shares of {Chain} wait for the store, {Waiting} of them; the oldest are not stored any more")]
    private static partial void LogFull(ILogger logger, string chain, int waiting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store of {Chain} went back: segment {Segment} is {Stored} bytes long instead of {Length}; writing the rest again")]
    private static partial void LogWentBack(ILogger logger, string chain, long segment, long stored, long length);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Segment {Segment} of {Chain} is not ours any more ({Loss}); the writer of epoch {Epoch} stops")]
    private static partial void LogLost(ILogger logger, long segment, string chain, WriterLoss loss, long epoch);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Deleted segment {Segment} of {Chain}: none of its shares is held any more")]
    private static partial void LogDeleted(ILogger logger, string chain, long segment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Waiting} shares of {Chain} could not be stored before the end; gateways and peers still have them")]
    private static partial void LogLeft(ILogger logger, string chain, int waiting);

    [LoggerMessage(Level = LogLevel.Error, Message = "The writer of {Chain} failed")]
    private static partial void LogBroken(ILogger logger, Exception failure, string chain);
}
