using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Grainpool.Grains.State;

/// <summary>A state that says how many times it has been written, so that one gone back is recognised.</summary>
internal interface IRevisedState
{
    /// <summary>Raised by one with each write.</summary>
    long Revision { get; set; }

    /// <summary>The activation that wrote it.</summary>
    Guid Writer { get; set; }
}

/// <summary>What a write came to.</summary>
/// <param name="Written">Whether the store acknowledged it.</param>
/// <param name="State">What is stored now, merged with what another activation had written; ours when nothing was written.</param>
internal readonly record struct StateWrite<TState>(bool Written, TState State);

/// <summary>What a look at the store came to.</summary>
internal enum StoredRevision
{
    /// <summary>It still has what it acknowledged.</summary>
    Held,

    /// <summary>It has an older state, or none: what it has is to be merged and written again.</summary>
    Lost,

    /// <summary>It does not answer.</summary>
    Unknown,
}

/// <summary>Writes a grain's state. A conflict is read again, merged and written; a store that is away is an answer, not an exception.</summary>
/// <remarks>
/// Grains keep what they know in objects of their own and hand over a snapshot, so calls may interleave with a write. One write at a time.
/// </remarks>
internal sealed partial class StateKeeper<TState> : IDisposable
    where TState : class, IRevisedState, new()
{
    private const int MostConflicts = 5;

    private readonly IPersistentState<TState> _storage;
    private readonly Func<TState, TState, TState> _merge;
    private readonly string _grain;
    private readonly LogLevel _level;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Guid _writer = Guid.NewGuid();
    private long? _firstRevision;
    private bool _failing;

    /// <summary>A keeper.</summary>
    /// <param name="storage">Where the state is.</param>
    /// <param name="merge">Makes one of what is stored and what we know, in this order.</param>
    /// <param name="grain">Kind of grain, for metrics.</param>
    /// <param name="level">How loud a store that is away is told, once.</param>
    /// <param name="logger">Where.</param>
    public StateKeeper(IPersistentState<TState> storage, Func<TState, TState, TState> merge, string grain, LogLevel level, ILogger logger) =>
        (_storage, _merge, _grain, _level, _logger) = (storage, merge, grain, level, logger);

    /// <summary>What was stored when it was last read or written.</summary>
    public TState Stored => _storage.State;

    /// <summary>Writes a snapshot.</summary>
    /// <returns>A state other than the snapshot is to be adopted, written or not: it has in it what another activation wrote.</returns>
    public async Task<StateWrite<TState>> Write(TState snapshot)
    {
        await _turn.WaitAsync();
        try
        {
            return await WriteInTurn(snapshot);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Looks whether the store still has revision <paramref name="revision"/>, which it acknowledged, or a later one.</summary>
    public async Task<StoredRevision> Look(long revision)
    {
        await _turn.WaitAsync();
        try
        {
            await _storage.ReadStateAsync();
            if (_storage.RecordExists && _storage.State.Revision >= revision) return StoredRevision.Held;
            LogWentBack(_logger, _grain, _storage.State.Revision, revision);
            Instruments.StoreWentBack.Inc();
            return StoredRevision.Lost;
        }
#pragma warning disable CA1031 // Whatever the store's provider throws, nothing is known; it is looked at again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failed(failure);
            return StoredRevision.Unknown;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<StateWrite<TState>> WriteInTurn(TState snapshot)
    {
        _firstRevision ??= _storage.State.Revision;
        for (var conflict = 0; ; conflict++)
        {
            try
            {
                snapshot.Revision = Math.Max(snapshot.Revision, _storage.State.Revision) + 1;
                snapshot.Writer = _writer;
                _storage.State = snapshot;
                await _storage.WriteStateAsync();
                if (_failing) LogAvailable(_logger, _level < LogLevel.Information ? _level : LogLevel.Information, _grain);
                _failing = false;
                return new StateWrite<TState>(true, snapshot);
            }
            catch (InconsistentStateException) when (conflict < MostConflicts)
            {
                Instruments.StateConflicts.WithLabels(_grain).Inc();
                try
                {
                    await _storage.ReadStateAsync();
                }
#pragma warning disable CA1031 // As below.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    Failed(failure);
                    return new StateWrite<TState>(false, snapshot);
                }

                if (IsAnothers(_storage.State)) snapshot = _merge(_storage.State, snapshot);
            }
#pragma warning disable CA1031 // Whatever the store's provider throws, nothing is written yet; the caller tries again.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Failed(failure);
                return new StateWrite<TState>(false, snapshot);
            }
        }
    }

    // What we wrote ourselves, though its answer was lost, and what we began with, where the store went back to, is in every snapshot of ours.
    private bool IsAnothers(TState stored) => stored.Writer != _writer && stored.Revision > _firstRevision;

    private void Failed(Exception failure)
    {
        Instruments.StateFailures.WithLabels(_grain).Inc();
        if (!_failing) LogUnavailable(_logger, _level, _grain, failure.Message);
        _failing = true;
    }

    [LoggerMessage(Message = "The state of a {Grain} grain cannot be stored and is kept in memory: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, LogLevel level, string grain, string reason);

    [LoggerMessage(Message = "The state of a {Grain} grain is stored again")]
    private static partial void LogAvailable(ILogger logger, LogLevel level, string grain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store went back: the state of a {Grain} grain has revision {Stored} instead of {Revision}; writing it again")]
    private static partial void LogWentBack(ILogger logger, string grain, long stored, long revision);
}
