using Grainpool.GrainInterfaces.Gateways;

namespace Grainpool.Grains.Chain;

/// <summary>The gateways that want news, and for how long they are believed to be there.</summary>
internal sealed class GatewayRegister
{
    /// <summary>A gateway that is silent for this long is not told any more.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(10);

    // Far above any cluster; a gateway that renames itself in a loop must not fill the memory.
    private const int MostGateways = 1000;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    /// <summary>Miners connected to all of them.</summary>
    public int Connections => _entries.Values.Sum(entry => entry.Renewal.Connections);

    public void Renew(GatewayRenewal renewal, DateTimeOffset now)
    {
        if (_entries.Count >= MostGateways) RemoveExpired(now);
        if (_entries.Count < MostGateways || _entries.ContainsKey(renewal.Gateway)) _entries[renewal.Gateway] = new Entry(renewal, now + Validity);
    }

    public void RemoveExpired(DateTimeOffset now)
    {
        foreach (var (gateway, entry) in _entries)
            if (entry.Until <= now) _entries.Remove(gateway);
    }

    /// <summary>Where news goes now.</summary>
    public IEnumerable<IGatewayObserver> Observers(DateTimeOffset now)
    {
        RemoveExpired(now);
        return [.. _entries.Values.Select(entry => entry.Renewal.Observer)];
    }

    private readonly record struct Entry(GatewayRenewal Renewal, DateTimeOffset Until);
}
