using System.Net;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.State;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Peers;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Peers;

/// <summary>The standing of one host: a mailbox round <see cref="PeerRecord"/>. Answers come from memory; what is worth keeping is stored beside.</summary>
/// <remarks>Strangers make one of these each: it goes soon when nobody asks, and has no timer unless there is something to store.</remarks>
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class PeerGrain : Grain, IPeerGrain, IDisposable
{
    private static readonly TimeSpan WritePeriod = TimeSpan.FromSeconds(2);

    // A host that never introduced itself is remembered by its activation alone, and for no longer than this.
    private static readonly TimeSpan LongestUnstored = TimeSpan.FromHours(1);

    private readonly NodeSettings _settings;
    private readonly StateKeeper<PeerState> _keeper;
    private readonly IPersistentState<PeerState> _stored;
    private readonly TimeProvider _time;
    private readonly ILogger<PeerGrain> _logger;
    private PeerState _state = new();
    private string _host = "";
    private bool _isThisMachine;
    private bool _changed;
    private IGrainTimer? _writing;

    public PeerGrain(
        NodeSettings settings,
        [PersistentState("peer", StorageProviderNames.Grains)] IPersistentState<PeerState> state,
        TimeProvider time,
        ILogger<PeerGrain> logger)
    {
        (_settings, _stored, _time, _logger) = (settings, state, time, logger);
        _keeper = new StateKeeper<PeerState>(state, PeerRecord.Merge, "peer", LogLevel.Debug, logger);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) throw new ArgumentException($"the key of a peer is network, '/' and host, not '{key}'");
        _settings.Check(key[..slash]);
        _host = key[(slash + 1)..];
        _isThisMachine = IPAddress.TryParse(_host, out var address) && IPAddress.IsLoopback(address);
        _state = _stored.State with { };
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteIfChanged(cancellationToken);

    public void Dispose() => _keeper.Dispose();

    public Task<PeerStanding> Standing() => Task.FromResult(PeerRecord.Tell(_state, _time.GetUtcNow()));

    public Task<PeerStanding> Introduced(string software) => Adopt(PeerRecord.Introduced(_state, software, _time.GetUtcNow()));

    public Task<PeerStanding> Offended(PeerFault fault)
    {
        // Many nodes of one machine would share the ban, and so would a proxy.
        if (_isThisMachine || fault.Ban(_settings.Network) is null) return Standing();
        var now = _time.GetUtcNow();
        var state = PeerRecord.Offended(_state, fault, now, _settings.Network);
        LogBanned(_logger, _host, fault, state.BannedUntil!.Value, state.Bans);
        Instruments.PeersBanned.WithLabels(_settings.Network.Name, fault.ToString()).Inc();
        if (state.FirstSeen is null)
        {
            var rest = state.BannedUntil.Value - now;
            DelayDeactivation(rest < LongestUnstored ? rest : LongestUnstored);
        }
        return Adopt(state);
    }

    private Task<PeerStanding> Adopt(PeerState state)
    {
        (_state, _changed) = (state, true);
        if (state.FirstSeen is not null)
            _writing ??= this.RegisterGrainTimer(WriteIfChanged, new GrainTimerCreationOptions(WritePeriod, WritePeriod) { Interleave = true });
        return Standing();
    }

    // Calls may come in while the store is written: what they change goes into the next write.
    private async Task WriteIfChanged(CancellationToken cancellationToken)
    {
        if (_state.FirstSeen is null) return;
        if (!_changed)
        {
            _writing?.Dispose();
            _writing = null;
            return;
        }
        _changed = false;
        var ours = _state with { };
        var (written, stored) = await _keeper.Write(ours);
        if (!ReferenceEquals(stored, ours)) _state = PeerRecord.Merge(stored, _state);
        _changed |= !written;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Host} is banned until {Until:u} ({Fault}, ban number {Bans})")]
    private static partial void LogBanned(ILogger logger, string host, PeerFault fault, DateTimeOffset until, int bans);
}
