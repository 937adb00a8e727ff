using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Peers;

/// <summary>All nodes this gateway is connected with, and what it knows on account of all of them.</summary>
internal sealed class PeerHub(NetworkParameters network, PeerSettings settings)
{
    /// <summary>Hosts that are refused without asking the cluster again; beyond this many the cluster is asked anew about the first.</summary>
    public const int MostBansKept = 10_000;

    /// <summary>Hosts whose budgets are remembered after they went; beyond this many the one that came longest ago begins anew.</summary>
    public const int MostBudgetsKept = 10_000;

    private readonly ConcurrentDictionary<PeerEndpoint, PeerSession> _sessions = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerEndpoint, (string Host, string Group)> _places = [];
    private readonly Dictionary<(ulong Nonce, string Host), PeerSession> _nonces = [];
    private readonly OrderedDictionary<string, DateTimeOffset> _bans = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, HostBudget> _budgets = new(StringComparer.Ordinal);
    private ImmutableHashSet<ulong> _ourNonces = [];
    private Hash256 _best;
    private DateTimeOffset _silosAwayUntil;

    /// <summary>What this process introduces itself with.</summary>
    public ulong Nonce { get; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>A share of another node became known to the chain, or news came: whoever fetches shares looks again.</summary>
    public Signal Wanted { get; } = new();

    /// <summary>The best share of the cluster as it was told last; zero for none.</summary>
    public Hash256 Best
    {
        get
        {
            lock (_lock) return _best;
        }
        set
        {
            lock (_lock) _best = value;
        }
    }

    /// <summary>Whether silos failed to answer a moment ago.</summary>
    public bool AreSilosAway(DateTimeOffset now)
    {
        lock (_lock) return now < _silosAwayUntil;
    }

    /// <summary>Silos did not answer; they are not asked again before this.</summary>
    public void NoteSilosAway(DateTimeOffset until)
    {
        lock (_lock) _silosAwayUntil = until;
    }

    /// <summary>All connections.</summary>
    public IEnumerable<PeerSession> Sessions => _sessions.Values;

    /// <summary>Those that introduced themselves.</summary>
    public IEnumerable<PeerSession> Peers => _sessions.Values.Where(session => session.IsIntroduced);

    /// <summary>Headers of blocks whose proof of work is known to be good.</summary>
    public RecentHashes GoodBlocks { get; } = new(256);

    /// <summary>The connection with this end point.</summary>
    public PeerSession? Find(PeerEndpoint endpoint) => _sessions.GetValueOrDefault(endpoint);

    /// <summary>Keeps a place for one more that comes to us, for as long as it takes to judge and to serve it; false when there is none.</summary>
    public bool TryReserve(PeerEndpoint endpoint)
    {
        var address = IPAddress.Parse(endpoint.Host);
        var (host, group) = (PeerHosts.KeyOf(address), PeerHosts.GroupOf(address));
        lock (_lock)
        {
            if (_places.Count >= settings.MostIncoming) return false;
            // Nodes behind one proxy, and tests, share this machine.
            if (!IPAddress.IsLoopback(address)
                && (_places.Values.Count(place => place.Host == host) >= settings.MostOfHost
                    || _places.Values.Count(place => place.Group == group) >= settings.MostOfGroup)) return false;
            return _places.TryAdd(endpoint, (host, group));
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Release(PeerEndpoint endpoint)
    {
        lock (_lock) _places.Remove(endpoint);
    }

    /// <summary>What a host may use up. Each connection within this machine has a budget of its own: nodes behind a proxy, and tests, share its address.</summary>
    public HostBudget BudgetOf(string host, DateTimeOffset now)
    {
        if (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)) return new HostBudget(settings, now);
        lock (_lock)
        {
            if (!_budgets.Remove(host, out var budget)) budget = new HostBudget(settings, now);
            if (_budgets.Count >= MostBudgetsKept) _budgets.RemoveAt(0);
            _budgets.Add(host, budget);
            return budget;
        }
    }

    /// <summary>Takes in a connection; false when there is one with that end point.</summary>
    public bool TryAdd(PeerSession session) => _sessions.TryAdd(session.Endpoint, session);

    /// <summary>It ended.</summary>
    public void Remove(PeerSession session)
    {
        _sessions.TryRemove(new KeyValuePair<PeerEndpoint, PeerSession>(session.Endpoint, session));
        lock (_lock)
            foreach (var (known, _) in _nonces.Where(noted => noted.Value == session).ToList()) _nonces.Remove(known);
        Measure();
    }

    /// <summary>Judges a nonce somebody introduces himself with, and notes it: of two of one host with the same one the second is refused, however close behind.</summary>
    /// <remarks>
    /// Every node tells its nonce to whoever asks, so one that comes from another host and repeats it must keep nobody out. A node that we went to twice, by
    /// addresses that do not look alike, is left once.
    /// </remarks>
    public PeerFault? Judge(PeerSession session, ulong nonce)
    {
        if (IsOurs(nonce)) return nonce == Nonce && !session.IsOutgoing ? PeerFault.Ourselves : PeerFault.OurCluster;
        lock (_lock)
        {
            if (_nonces.Any(known => known.Key.Nonce == nonce && IsAnother(known.Value, session))) return PeerFault.AlreadyConnected;
            _nonces[(nonce, session.Host)] = session;
            return null;
        }
    }

    /// <summary>Nonces of the cluster's gateways. Those that are connected with each other already take leave.</summary>
    public void LearnOurs(ImmutableArray<ulong> nonces)
    {
        _ourNonces = [.. nonces];
        foreach (var peer in Peers.Where(peer => IsOurs(peer.Nonce)).ToList()) peer.Fault(PeerFault.OurCluster);
    }

    private static bool IsAnother(PeerSession known, PeerSession session) =>
        known != session && !known.IsOver && (known.Host == session.Host || (known.IsOutgoing && session.IsOutgoing));

    private bool IsOurs(ulong nonce) => nonce == Nonce || _ourNonces.Contains(nonce);

    /// <summary>Notes that a host is banned; a longer ban that is known stands.</summary>
    public void Ban(string host, DateTimeOffset until)
    {
        lock (_lock)
        {
            if (_bans.Remove(host, out var known) && known > until) until = known;
            if (_bans.Count >= MostBansKept) _bans.RemoveAt(0);
            _bans.Add(host, until);
        }
    }

    /// <summary>Whether a host is known to be banned.</summary>
    public bool IsBanned(string host, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_bans.TryGetValue(host, out var until)) return false;
            if (until > now) return true;
            _bans.Remove(host);
            return false;
        }
    }

    /// <summary>Sends a message to all introduced nodes but some.</summary>
    public void Broadcast(PeerMessage message, Func<PeerSession, bool> to)
    {
        ReadOnlyMemory<byte>? frame = null;
        foreach (var peer in Peers)
            if (to(peer)) peer.Send(message, frame ??= PeerFrame.Write(network, message));
    }

    /// <summary>Tells the metrics how many there are.</summary>
    public void Measure()
    {
        var peers = Peers.ToList();
        Instruments.Peers.WithLabels("in").Set(peers.Count(peer => !peer.IsOutgoing));
        Instruments.Peers.WithLabels("out").Set(peers.Count(peer => peer.IsOutgoing));
    }
}
