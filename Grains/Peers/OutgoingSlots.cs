using System.Collections.Immutable;
using System.Net;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>Who is to go to whom: spreads the cluster's outgoing connections over its gateways, and sends no two to one node.</summary>
internal sealed class OutgoingSlots(AddressBook book)
{
    /// <summary>A gateway that is silent for this long is gone, and its connections with it.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    /// <summary>What is given to a gateway is its own for so long, connected or not: longer than connecting and introducing take.</summary>
    public static readonly TimeSpan Given = TimeSpan.FromSeconds(30);

    /// <summary>So much time lies between two connections that move to another gateway.</summary>
    public static readonly TimeSpan Moving = TimeSpan.FromSeconds(60);

    private const int MostGateways = 1000;
    private const int MostOwn = 10_000;

    private readonly Dictionary<string, (PeerBookRenewal Renewal, DateTimeOffset Until)> _gateways = new(StringComparer.Ordinal);
    private readonly Dictionary<PeerEndpoint, (string Gateway, DateTimeOffset Until)> _given = [];
    private readonly Queue<PeerEndpoint> _anchors = new();
    private readonly HashSet<PeerEndpoint> _ours = [];
    private DateTimeOffset _movedAt = DateTimeOffset.MinValue;

    /// <summary>What the gateways introduce themselves with.</summary>
    public ImmutableArray<ulong> Nonces => [.. _gateways.Values.Select(gateway => gateway.Renewal.Nonce)];

    /// <summary>All nodes connected.</summary>
    public IEnumerable<ConnectedPeer> Connected => _gateways.Values.SelectMany(gateway => gateway.Renewal.Connected);

    /// <summary>Nodes to go to before all others: those we were connected with when we stopped.</summary>
    public void Begin(IEnumerable<PeerEndpoint> anchors)
    {
        foreach (var anchor in anchors) _anchors.Enqueue(anchor);
    }

    /// <summary>Takes in what a gateway tells.</summary>
    public void Learn(PeerBookRenewal renewal, DateTimeOffset now)
    {
        foreach (var (name, gateway) in _gateways)
            if (gateway.Until <= now) _gateways.Remove(name);
        foreach (var (endpoint, given) in _given)
            if (given.Until <= now) _given.Remove(endpoint);
        if (_gateways.Count < MostGateways || _gateways.ContainsKey(renewal.Gateway)) _gateways[renewal.Gateway] = (renewal, now + Validity);
        if (_ours.Count < MostOwn) _ours.UnionWith(renewal.Own);
        foreach (var own in renewal.Own) book.Remove(own);

        foreach (var result in renewal.Dialled)
        {
            _given.Remove(result.Endpoint);
            if (result.IsOurselves)
            {
                if (_ours.Count < MostOwn) _ours.Add(result.Endpoint);
                book.Remove(result.Endpoint);
            }
            else if (!result.Reached) book.Failed(result.Endpoint, now);
        }
        foreach (var peer in renewal.Connected.Where(peer => peer.IsOutgoing))
        {
            if (_given.Remove(peer.Endpoint) || book.Find(peer.Endpoint) is not { IsTried: true }) book.Reached(peer.Endpoint, now);
            else book.Alive(peer.Endpoint, now);
        }
    }

    /// <summary>Whom this gateway is to go to now.</summary>
    public ImmutableArray<PeerEndpoint> Give(PeerBookRenewal renewal, ImmutableArray<PeerEndpoint> seeds, DateTimeOffset now)
    {
        var outgoing = Connected.Where(Counts).Select(peer => peer.Endpoint).ToHashSet();
        var pending = _given.Keys.Where(endpoint => !outgoing.Contains(endpoint)).ToList();
        var free = renewal.Outgoing - outgoing.Count - pending.Count;
        var fair = Fair(renewal);
        var mine = Held(renewal);
        // One that was gone to by name counts by its address as well.
        var groups = Connected.Select(peer => peer.Endpoint.Host).Concat(Connected.Select(peer => Place(peer).Host)).Concat(pending.Select(endpoint => endpoint.Host))
            .Select(PeerHosts.GroupOf).ToHashSet(StringComparer.Ordinal);
        var given = ImmutableArray.CreateBuilder<PeerEndpoint>();
        var reliable = outgoing.Count(endpoint => book.Find(endpoint) is { Successes: > 1 });
        for (; free > 0 && mine < fair; free--, mine++)
        {
            // Every second one is to be an old acquaintance.
            var next = Anchor(groups) ?? book.Choose(tried: reliable * 2 < renewal.Outgoing, groups, now) ?? Seed(seeds, groups);
            if (next is not { } endpoint) break;
            reliable++;
            groups.Add(PeerHosts.GroupOf(endpoint.Host));
            _given[endpoint] = (renewal.Gateway, now + Given);
            given.Add(endpoint);
        }
        return given.ToImmutable();
    }

    /// <summary>Whom this gateway is to take leave of: nodes another gateway went to first; and when all places are taken, and another gateway has fewer than its part, one more.</summary>
    /// <remarks>
    /// Two gateways end up at one node when they went by its name and by its address, when it is configured and both began together, or when one of them was cut
    /// off from the silos for a while.
    /// The first gateway of a cluster gets all places, since it is alone then. The youngest connection moves, one a minute.
    /// </remarks>
    public ImmutableArray<PeerEndpoint> Leave(PeerBookRenewal renewal, DateTimeOffset now)
    {
        ImmutableArray<PeerEndpoint> twice = [.. renewal.Connected.Where(peer => IsForAll(peer) && IsBetterHeld(peer, renewal.Gateway)).Select(peer => peer.Endpoint)];
        if (!twice.IsEmpty) return twice;
        var mine = renewal.Connected.Where(Counts).ToList();
        var least = renewal.Outgoing / Math.Max(1, _gateways.Count);
        if (now - _movedAt < Moving || mine.Count <= Fair(renewal) || Connected.Count(Counts) < renewal.Outgoing) return [];
        if (!_gateways.Values.Any(other => Held(other.Renewal) < least)) return [];
        _movedAt = now;
        return [mine.MaxBy(peer => peer.Since)!.Endpoint];
    }

    /// <summary>Nodes that other gateways went to.</summary>
    public ImmutableArray<PeerEndpoint> HeldElsewhere(string gateway) =>
    [
        .. _gateways.Values.Where(other => other.Renewal.Gateway != gateway).SelectMany(other => other.Renewal.Connected).Where(IsForAll)
            .SelectMany(peer => new[] { peer.Endpoint, Place(peer) }).Distinct(),
    ];

    /// <summary>Whether an address is that of a gateway of ours.</summary>
    public bool IsOurs(PeerEndpoint endpoint) => _ours.Contains(endpoint);

    private static bool Counts(ConnectedPeer peer) => peer is { IsOutgoing: true, IsConfigured: false };

    // Of two that hold it the one that goes there because it is configured to keeps it, else the one that came first.
    private bool IsBetterHeld(ConnectedPeer peer, string gateway) => _gateways.Values.Where(other => other.Renewal.Gateway != gateway).Any(other =>
        other.Renewal.Connected.Any(held => IsForAll(held) && Place(held) == Place(peer)
            && (!held.IsConfigured, held.Since, other.Renewal.Gateway).CompareTo((!peer.IsConfigured, peer.Since, gateway)) < 0));

    // What a gateway has on its own machine is another node than what the next one has on its own.
    private static bool IsForAll(ConnectedPeer peer) => peer.IsOutgoing && !(IPAddress.TryParse(Place(peer).Host, out var address) && IPAddress.IsLoopback(address));

    private static PeerEndpoint Place(ConnectedPeer peer) => peer.ReachedAt ?? peer.Endpoint;

    private int Fair(PeerBookRenewal renewal) => (renewal.Outgoing + _gateways.Count - 1) / Math.Max(1, _gateways.Count);

    private int Held(PeerBookRenewal renewal) =>
        renewal.Connected.Count(Counts) + _given.Values.Count(given => given.Gateway == renewal.Gateway);

    private PeerEndpoint? Anchor(HashSet<string> groups)
    {
        while (_anchors.TryDequeue(out var anchor))
            if (!_ours.Contains(anchor) && !groups.Contains(PeerHosts.GroupOf(anchor.Host))) return anchor;
        return null;
    }

    private static PeerEndpoint? Seed(ImmutableArray<PeerEndpoint> seeds, HashSet<string> groups)
    {
        var free = seeds.Where(seed => !groups.Contains(PeerHosts.GroupOf(seed.Host))).ToList();
        return free.Count == 0 ? null : free[Random.Shared.Next(free.Count)];
    }
}
