using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Where this gateway itself can be reached by other nodes, as far as the machine knows.</summary>
internal static class OwnEndpoints
{
    private const int Most = 64;

    public static ImmutableArray<PeerEndpoint> Of(PeerSettings settings)
    {
        var own = ImmutableArray.CreateBuilder<PeerEndpoint>();
        if (settings.External is { } external) own.Add(external);
        if (settings.Port > 0) own.AddRange(Addresses().Select(address => new PeerEndpoint(PeerHosts.Plain(address).ToString(), settings.Port)).Take(Most));
        return own.ToImmutable();
    }

    /// <summary>Whether an address is one of this machine.</summary>
    public static bool Contains(PeerSettings settings, IPAddress address) =>
        settings.External?.Host == address.ToString() || Addresses().Any(own => PeerHosts.Plain(own).Equals(address));

    private static IEnumerable<IPAddress> Addresses()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(own => own.Address);
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
