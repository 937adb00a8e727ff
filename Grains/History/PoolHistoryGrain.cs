using System.Collections.Immutable;
using Grainpool.GrainInterfaces.History;
using Grainpool.Grains.State;
using Grainpool.Orleans.AzureStorage;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Grainpool.Grains.History;

/// <summary>Listens to the event stream of its network and keeps what came last.</summary>
[ImplicitStreamSubscription(EventStream.Namespace)]
internal sealed class PoolHistoryGrain : Grain, IPoolHistoryGrain, IStreamSubscriptionObserver, IAsyncObserver<PoolEvent>, IDisposable
{
    private static readonly TimeSpan WritePeriod = TimeSpan.FromSeconds(10);

    private readonly NodeSettings _settings;
    private readonly IPersistentState<PoolHistoryState> _state;
    private readonly StateKeeper<PoolHistoryState> _keeper;
    private EventLog _log = new();
    private bool _changed;

    public PoolHistoryGrain(
        NodeSettings settings,
        [PersistentState("history", StorageProviderNames.Grains)] IPersistentState<PoolHistoryState> state,
        ILogger<PoolHistoryGrain> logger)
    {
        (_settings, _state) = (settings, state);
        _keeper = new StateKeeper<PoolHistoryState>(state, Merge, "history", LogLevel.Debug, logger);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _settings.Check(this.GetPrimaryKeyString());
        _log = EventLog.Of(_state.State);
        this.RegisterGrainTimer(WriteIfChanged, new GrainTimerCreationOptions(WritePeriod, WritePeriod) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteIfChanged(cancellationToken);

    public void Dispose() => _keeper.Dispose();

    public Task<ImmutableArray<PoolEvent>> Recent() => Task.FromResult(_log.Recent);

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<PoolEvent>().ResumeAsync(this);

    public Task OnNextAsync(PoolEvent item, StreamSequenceToken? token = null)
    {
        _changed |= _log.Add(item);
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private static PoolHistoryState Merge(PoolHistoryState stored, PoolHistoryState ours)
    {
        var state = EventLog.Of(stored, ours).ToState();
        state.Revision = Math.Max(stored.Revision, ours.Revision);
        return state;
    }

    private async Task WriteIfChanged(CancellationToken cancellationToken)
    {
        if (!_changed) return;
        _changed = false;
        var ours = _log.ToState();
        var (written, stored) = await _keeper.Write(ours);
        _changed |= !written;
        if (stored != ours) _log = EventLog.Of(stored, _log.ToState());
    }
}
