using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.Grains.State;
using Grainpool.Orleans.AzureStorage;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Miners;

/// <summary>The account of one payout address: a mailbox round <see cref="MinerAccount"/>, stored every few seconds while it changes.</summary>
/// <remarks>
/// What it books is in memory first; gateways keep their reports until it says that they are stored. On a store that may go back that is said only after
/// the time in which it can, and another look.
/// </remarks>
internal sealed class MinerGrain : Grain, IMinerGrain, IDisposable
{
    private static readonly TimeSpan WritePeriod = TimeSpan.FromSeconds(5);

    private readonly NodeSettings _settings;
    private readonly IPersistentState<MinerState> _state;
    private readonly StateKeeper<MinerState> _keeper;
    private readonly DurableWrites<ImmutableDictionary<Guid, long>> _writes;
    private readonly TimeProvider _time;
    private MinerAccount _account = new();
    private MinerState _common = new();
    private ImmutableDictionary<Guid, long> _durable = ImmutableDictionary<Guid, long>.Empty;
    private string _address = "";
    private bool _changed;

    public MinerGrain(
        NodeSettings settings,
        [PersistentState("miner", StorageProviderNames.Grains)] IPersistentState<MinerState> state,
        ISegmentStoreProvider segments,
        TimeProvider time,
        ILogger<MinerGrain> logger)
    {
        (_settings, _state, _time) = (settings, state, time);
        // There may be thousands of them: that the store is away is told by those that need it more.
        _keeper = new StateKeeper<MinerState>(state, Merge, "miner", LogLevel.Debug, logger);
        // Grain state and segments stand in the same store.
        _writes = new(segments.Open(settings.Network.Name).DurabilityLag, booked => _durable = booked);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) throw new ArgumentException($"the key of a miner is network, '/' and address, not '{key}'");
        _settings.Check(key[..slash]);
        _address = key[(slash + 1)..];
        _common = _state.State;
        _account = MinerAccount.Of(_common);
        if (_state.RecordExists) Stored(_common);
        this.RegisterGrainTimer(LookAfterState, new GrainTimerCreationOptions(WritePeriod, WritePeriod) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteIfChanged(cancellationToken);

    public void Dispose() => _keeper.Dispose();

    public Task<WorkReportAnswer> Report(WorkReport report)
    {
        var now = _time.GetUtcNow();
        _changed |= _account.Book(report, now);
        var booked = _account.BookedThrough(report.Incarnation);
        return Task.FromResult(new WorkReportAnswer(
            booked, _account.HashRate(now), _account.HasWorked ? _durable.GetValueOrDefault(report.Incarnation) : booked));
    }

    public Task<MinerSnapshot> Snapshot() => Task.FromResult(_account.Snapshot(_address, _time.GetUtcNow()));

    public Task<RecalledWorker> Recall(string worker) =>
        Task.FromResult(new RecalledWorker(_account.LastDifficulty(worker), _account.HashRate(_time.GetUtcNow())));

    private async Task LookAfterState(CancellationToken cancellationToken)
    {
        await WriteIfChanged(cancellationToken);
        if (await _writes.IsLost(_keeper.Look, _time.GetUtcNow())) _changed = true;
    }

    private void Stored(MinerState state) =>
        _writes.Acknowledged(state.Revision, state.Booked.ToImmutableDictionary(each => each.Incarnation, each => each.Sequence), _time.GetUtcNow());

    // Reports may come in while the store is written: what they change goes into the next write.
    private async Task WriteIfChanged(CancellationToken cancellationToken)
    {
        if (!_changed || !_account.HasWorked) return;
        _changed = false;
        var ours = _account.ToState();
        var (written, stored) = await _keeper.Write(ours);
        if (stored != ours) _account = MinerAccount.Of(MinerAccount.Merge(stored, _account.ToState(), ours));
        _changed |= !written;
        if (!written) return;
        _common = stored;
        Stored(stored);
    }

    private MinerState Merge(MinerState stored, MinerState ours)
    {
        var merged = MinerAccount.Merge(stored, ours, _common);
        _common = stored;
        return merged;
    }
}
