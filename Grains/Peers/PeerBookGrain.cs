using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.Grains.State;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Peers;
using Microsoft.Extensions.Logging;

namespace Grainpool.Grains.Peers;

/// <summary>The addresses of other nodes: a mailbox round <see cref="AddressBook"/> and <see cref="OutgoingSlots"/>, stored now and then.</summary>
internal sealed class PeerBookGrain : Grain, IPeerBookGrain, IDisposable
{
    private const int MostTold = 100;
    private const int MostStored = 2000;
    private const int MostAnchors = 4;
    private static readonly TimeSpan WritePeriod = TimeSpan.FromSeconds(60);

    private readonly NodeSettings _settings;
    private readonly IPersistentState<PeerBookState> _state;
    private readonly StateKeeper<PeerBookState> _keeper;
    private readonly TimeProvider _time;
    private readonly ImmutableArray<PeerEndpoint> _seeds;
    private ulong _secret;
    private AddressBook _book;
    private OutgoingSlots _slots;
    private bool _changed;

    public PeerBookGrain(
        NodeSettings settings,
        [PersistentState("peers", StorageProviderNames.Grains)] IPersistentState<PeerBookState> state,
        TimeProvider time,
        ILogger<PeerBookGrain> logger)
    {
        (_settings, _state, _time) = (settings, state, time);
        // What is stored by another activation is older than what this one knows.
        _keeper = new StateKeeper<PeerBookState>(state, (_, ours) => ours, "peer book", LogLevel.Warning, logger);
        _secret = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _book = new AddressBook(_secret, new Random());
        _slots = new OutgoingSlots(_book);
        _seeds = settings.SeedNodes ? [.. settings.Network.SeedHosts.Select(host => new PeerEndpoint(host, settings.Network.PeerPort))] : [];
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _settings.Check(this.GetPrimaryKeyString());
        // Not there before.
        if (_state.State.Secret != 0)
        {
            _secret = _state.State.Secret;
            _book = new AddressBook(_secret, new Random());
            _slots = new OutgoingSlots(_book);
        }
        _book.Restore(_state.State.Addresses.Select(address => address.ToAddress()));
        _slots.Begin(_state.State.Anchors.Select(Parse).OfType<PeerEndpoint>());
        this.RegisterGrainTimer(WriteIfChanged, new GrainTimerCreationOptions(WritePeriod, WritePeriod) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteIfChanged(cancellationToken);

    public void Dispose() => _keeper.Dispose();

    public Task<PeerBookAnswer> Renew(PeerBookRenewal renewal)
    {
        var now = _time.GetUtcNow();
        _slots.Learn(renewal, now);
        foreach (var heard in renewal.Heard.Take(PeerBookRenewal.MostHeard))
        {
            if (_slots.IsOurs(heard.Endpoint) || heard.Endpoint.Port is < 1 or > 65535) continue;
            if (!IsForOthers(heard.Endpoint)) continue;
            _book.Hear(heard.Endpoint, heard.Source, heard.Seen, now);
        }
        _changed |= !renewal.Heard.IsEmpty || !renewal.Dialled.IsEmpty || !renewal.Connected.IsEmpty;
        var dial = _slots.Give(renewal, _seeds, now);
        ImmutableArray<HeardPeer> sample =
            [.. _book.Sample(MostTold).Where(known => IsForOthers(known.Endpoint)).Select(known => new HeardPeer(known.Endpoint, known.LastSeen, ""))];
        return Task.FromResult(new PeerBookAnswer(dial, _slots.Nonces, sample, _book.Count)
        {
            Leave = _slots.Leave(renewal, now),
            HeldElsewhere = _slots.HeldElsewhere(renewal.Gateway),
        });
    }

    public Task<ImmutableArray<ConnectedPeer>> Connected() => Task.FromResult(_slots.Connected.ToImmutableArray());

    // What nodes tell each other of: addresses that all can reach. On a network for trying things out they stand in private networks.
    private bool IsForOthers(PeerEndpoint endpoint) =>
        IPAddress.TryParse(endpoint.Host, out var address) && (!_settings.Network.Persist || PeerHosts.IsPublic(address));

    private async Task WriteIfChanged(CancellationToken cancellationToken)
    {
        if (!_changed) return;
        _changed = false;
        var state = new PeerBookState
        {
            Revision = _state.State.Revision,
            Secret = _secret,
            Addresses = [.. _book.All.OrderByDescending(address => address.IsTried).ThenByDescending(address => address.LastSeen).Take(MostStored).Select(AddressState.Of)],
            Anchors = [.. _slots.Connected.Where(peer => peer.IsOutgoing).OrderBy(peer => peer.Since).Take(MostAnchors).Select(peer => peer.Endpoint.ToString())],
        };
        // Nobody connected at the end is no reason to forget whom we were connected with.
        if (state.Anchors.Count == 0) state.Anchors = _state.State.Anchors;
        _changed |= !(await _keeper.Write(state)).Written;
    }

    private static PeerEndpoint? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), out var port) ? new PeerEndpoint(text[..colon].Trim('[', ']'), port) : null;
    }
}
