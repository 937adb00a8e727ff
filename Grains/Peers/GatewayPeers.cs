using Grainpool.GrainInterfaces.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>The gateways that tell other nodes what is new, and how many nodes each is connected with.</summary>
internal sealed class GatewayPeers
{
    /// <summary>A gateway that is silent for this long is not told any more, and its nodes do not count.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    // Far above any cluster; a gateway that renames itself in a loop must not fill the memory.
    private const int MostGateways = 1000;

    private readonly Dictionary<string, (PeerRenewal Renewal, DateTimeOffset Until)> _entries = new(StringComparer.Ordinal);

    public int Incoming => _entries.Values.Sum(entry => entry.Renewal.Incoming);

    public int Outgoing => _entries.Values.Sum(entry => entry.Renewal.Outgoing);

    public int Count => Incoming + Outgoing;

    /// <summary>Whether a node announced a share that is still being fetched.</summary>
    public bool IsBehind => _entries.Values.Any(entry => entry.Renewal.Behind);

    public void Renew(PeerRenewal renewal, DateTimeOffset now)
    {
        RemoveExpired(now);
        if (_entries.Count < MostGateways || _entries.ContainsKey(renewal.Gateway)) _entries[renewal.Gateway] = (renewal, now + Validity);
    }

    public void RemoveExpired(DateTimeOffset now)
    {
        foreach (var (gateway, entry) in _entries)
            if (entry.Until <= now) _entries.Remove(gateway);
    }

    /// <summary>Where news goes now.</summary>
    public IReadOnlyList<IPeerObserver> Observers(DateTimeOffset now)
    {
        RemoveExpired(now);
        return [.. _entries.Values.Select(entry => entry.Renewal.Observer)];
    }
}
