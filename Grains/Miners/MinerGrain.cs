using Grainpool.GrainInterfaces.Miners;
using Grainpool.Grains.State;
using Grainpool.Orleans.AzureStorage;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Miners;

/// <summary>The account of one payout address: a mailbox round <see cref="MinerAccount"/>, stored every few seconds while it changes.</summary>
internal sealed class MinerGrain : Grain, IMinerGrain, IDisposable
{
    private static readonly TimeSpan WritePeriod = TimeSpan.FromSeconds(5);

    private readonly NodeSettings _settings;
    private readonly IPersistentState<MinerState> _state;
    private readonly StateKeeper<MinerState> _keeper;
    private readonly TimeProvider _time;
    private MinerAccount _account = new();
    private MinerState _common = new();
    private string _address = "";
    private bool _changed;

    public MinerGrain(
        NodeSettings settings,
        [PersistentState("miner", StorageProviderNames.Grains)] IPersistentState<MinerState> state,
        TimeProvider time,
        ILogger<MinerGrain> logger)
    {
        (_settings, _state, _time) = (settings, state, time);
        // There may be thousands of them: that the store is away is told by those that need it more.
        _keeper = new StateKeeper<MinerState>(state, Merge, "miner", LogLevel.Debug, logger);
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
        this.RegisterGrainTimer(WriteIfChanged, new GrainTimerCreationOptions(WritePeriod, WritePeriod) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteIfChanged(cancellationToken);

    public void Dispose() => _keeper.Dispose();

    public Task<WorkReportAnswer> Report(WorkReport report)
    {
        var now = _time.GetUtcNow();
        _changed |= _account.Book(report, now);
        return Task.FromResult(new WorkReportAnswer(_account.BookedThrough(report.Incarnation), _account.HashRate(now)));
    }

    public Task<MinerSnapshot> Snapshot() => Task.FromResult(_account.Snapshot(_address, _time.GetUtcNow()));

    public Task<double?> LastDifficulty(string worker) => Task.FromResult(_account.LastDifficulty(worker));

    // Reports may come in while the store is written: what they change goes into the next write.
    private async Task WriteIfChanged(CancellationToken cancellationToken)
    {
        if (!_changed || !_account.HasWorked) return;
        _changed = false;
        var ours = _account.ToState();
        var (written, stored) = await _keeper.Write(ours);
        if (stored != ours) _account = MinerAccount.Of(MinerAccount.Merge(stored, _account.ToState(), ours));
        if (written) _common = stored;
        _changed |= !written;
    }

    private MinerState Merge(MinerState stored, MinerState ours)
    {
        var merged = MinerAccount.Merge(stored, ours, _common);
        _common = stored;
        return merged;
    }
}
