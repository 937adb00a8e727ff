using System.Collections.Immutable;
using System.Net;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Addresses of nodes: what others tell goes to the book and now and then on to one more node; who asks gets a sample. Spec: addresses.</summary>
internal sealed class PeerGossip(PeerHub hub, PeerSettings settings, TimeProvider time)
{
    // Real gossip comes one at a time; a list is an answer, and nobody needs it passed on.
    private const int MostPassedOn = 10;
    private const int MostTold = 100;
    private const double PassedOn = 0.8;
    private const int MostRemembered = 1000;

    // Those who are told tell others, us among them.
    private static readonly TimeSpan NotAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly List<HeardPeer> _heard = [];
    private readonly OrderedDictionary<PeerEndpoint, DateTimeOffset> _passedOn = [];
    private ImmutableHashSet<PeerEndpoint> _own = [];
    private IReadOnlyList<HeardAddress> _sample = [];

    /// <summary>What a node is told of ourselves; null when nobody can reach us.</summary>
    public PeerMessage? Advertisement(PeerSession to)
    {
        if (settings.External is { } external && IPAddress.TryParse(external.Host, out var address) && IsOfUse(address, to))
            return Told(new HeardAddress(Now, new PeerAddress(0, address, (ushort)external.Port)));
        return settings.Port > 0 ? new AddrMeMessage((ushort)settings.Port) : null;
    }

    /// <summary>A node says where it is reached.</summary>
    public void Heard(PeerSession teller, AddrMeMessage message)
    {
        if (message.Port == 0 || !teller.Addresses.TryTake(1, time.GetUtcNow())) return;
        if (teller.Listens(message.Port) is not { } endpoint || teller.IsHere) return;
        Note(endpoint, time.GetUtcNow(), teller);
        PassOn(teller, new HeardAddress(Now, new PeerAddress(0, teller.Address!, message.Port)));
    }

    /// <summary>A node tells of others.</summary>
    public void Heard(PeerSession teller, AddrsMessage message)
    {
        var now = time.GetUtcNow();
        foreach (var heard in message.Addresses.Take(PeerBookRenewal.MostHeard))
        {
            if (!teller.Addresses.TryTake(1, now)) return;
            if (heard.Address.Port == 0) continue;
            var seen = heard.Timestamp >= Now ? now : DateTimeOffset.FromUnixTimeSeconds((long)heard.Timestamp);
            Note(heard.Address.Endpoint, seen, teller);
            if (message.Addresses.Length <= MostPassedOn) PassOn(teller, heard);
        }
    }

    /// <summary>What a node that asks is told: some of the sample, by chance.</summary>
    /// <remarks>Never of itself, since legacy nodes go to their own address again and again, and ban it.</remarks>
    /// <returns>The answer; null when it asks too often.</returns>
    public AddrsMessage? Answer(PeerSession asker, GetAddrsMessage wanted)
    {
        if (!asker.AddressRequests.TryTake(1, time.GetUtcNow())) return null;
        var told = Volatile.Read(ref _sample).Where(peer => peer.Address.Endpoint != asker.ReachedAt && IsOfUse(peer.Address.Address, asker)).ToArray();
        Random.Shared.Shuffle(told);
        return new AddrsMessage([.. told.Take((int)Math.Min(wanted.Count, MostTold))]);
    }

    /// <summary>What was heard since the last call.</summary>
    public ImmutableArray<HeardPeer> TakeHeard()
    {
        lock (_lock)
        {
            ImmutableArray<HeardPeer> heard = [.. _heard];
            _heard.Clear();
            return heard;
        }
    }

    /// <summary>What was taken could not be told: it is there to be taken again, as far as there is room.</summary>
    public void PutBack(ImmutableArray<HeardPeer> heard)
    {
        lock (_lock) _heard.InsertRange(0, heard.Take(PeerBookRenewal.MostHeard - _heard.Count));
    }

    /// <summary>Nodes to tell others of; names mean nothing to them.</summary>
    public void Learn(ImmutableArray<HeardPeer> sample) => Volatile.Write(
        ref _sample,
        [
            .. sample.Select(peer => IPAddress.TryParse(peer.Endpoint.Host, out var address)
                    ? new HeardAddress((ulong)peer.Seen.ToUnixTimeSeconds(), new PeerAddress(0, address, (ushort)peer.Endpoint.Port))
                    : null)
                .OfType<HeardAddress>(),
        ]);

    /// <summary>Where we are reached ourselves: nobody is told of it as of somebody else.</summary>
    public void LearnOwn(ImmutableArray<PeerEndpoint> own) => Volatile.Write(ref _own, [.. own]);

    private ulong Now => (ulong)time.GetUtcNow().ToUnixTimeSeconds();

    private static AddrsMessage Told(HeardAddress address) => new([address]);

    private void Note(PeerEndpoint endpoint, DateTimeOffset seen, PeerSession teller)
    {
        lock (_lock)
            if (_heard.Count < PeerBookRenewal.MostHeard) _heard.Add(new HeardPeer(endpoint, seen, teller.Host));
    }

    private void PassOn(PeerSession teller, HeardAddress heard)
    {
        if (Volatile.Read(ref _own).Contains(heard.Address.Endpoint) || !IsNews(heard.Address.Endpoint)) return;
        if (Random.Shared.NextDouble() >= PassedOn) return;
        var others = hub.Peers.Where(peer => peer != teller && peer.ReachedAt != heard.Address.Endpoint && IsOfUse(heard.Address.Address, peer)).ToList();
        if (others.Count > 0) others[Random.Shared.Next(others.Count)].Send(Told(heard));
    }

    // Legacy nodes cannot go to an IPv6 address, and stumble over it each time they choose where to go.
    private static bool IsOfUse(IPAddress address, PeerSession to) => to.IsOurKind || PeerHosts.Plain(address).GetAddressBytes().Length == 4;

    private bool IsNews(PeerEndpoint endpoint)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_passedOn.TryGetValue(endpoint, out var at) && now - at < NotAgain) return false;
            _passedOn.Remove(endpoint);
            if (_passedOn.Count >= MostRemembered) _passedOn.RemoveAt(0);
            _passedOn.Add(endpoint, now);
            return true;
        }
    }
}
