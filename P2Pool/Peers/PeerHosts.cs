using System.Net;

namespace Grainpool.P2Pool.Peers;

/// <summary>Which addresses count as one host, and which as one neighbourhood.</summary>
/// <remarks>Whoever has one IPv6 address has a whole /64 of them; a neighbourhood is what one operator usually holds: an IPv4 /16, an IPv6 /32.</remarks>
public static class PeerHosts
{
    private const int HostBytes = 8;
    private const int WideGroupBytes = 4;

    /// <summary>The address in its own form: IPv4 out of its IPv6 dress, no scope.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        return IsVersion4(address) ? address : new IPAddress(address.GetAddressBytes());
    }

    /// <summary>Name of the host: the IPv4 address, or the /64 of an IPv6 address.</summary>
    public static string KeyOf(IPAddress address)
    {
        var plain = Plain(address);
        return IsVersion4(plain) || IPAddress.IsLoopback(plain) ? plain.ToString() : $"{Cut(plain, HostBytes)}/64";
    }

    /// <summary>The host given as text; a name that is no address is a host of its own.</summary>
    public static string KeyOf(string host) => IPAddress.TryParse(host, out var address) ? KeyOf(address) : host.ToLowerInvariant();

    /// <summary>Name of the neighbourhood: the /16 of an IPv4 address, the /32 of an IPv6 address.</summary>
    public static string GroupOf(IPAddress address)
    {
        var plain = Plain(address);
        if (!IsVersion4(plain)) return $"{Cut(plain, WideGroupBytes)}/32";
        var bytes = plain.GetAddressBytes();
        return $"{bytes[0]}.{bytes[1]}";
    }

    /// <summary>The neighbourhood of a host given as text; a name that is no address is a neighbourhood of its own.</summary>
    public static string GroupOf(string host) => IPAddress.TryParse(host, out var address) ? GroupOf(address) : host.ToLowerInvariant();

    /// <summary>Whether strangers can be reached there: neither this machine, nor a private network, nor an address reserved for something else.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = Plain(address);
        if (!IsVersion4(plain)) return (plain.GetAddressBytes()[0] & 0xe0) == 0x20;
        var bytes = plain.GetAddressBytes();
        return bytes[0] switch
        {
            0 or 10 or 127 or >= 224 => false,
            100 => bytes[1] is < 64 or > 127,
            169 => bytes[1] != 254,
            172 => bytes[1] is < 16 or > 31,
            192 => bytes[1] != 168,
            _ => true,
        };
    }

    // Told by its length: the rules name nothing of sockets, not even a family of addresses.
    private static bool IsVersion4(IPAddress address) => address.GetAddressBytes().Length == 4;

    private static IPAddress Cut(IPAddress address, int bytes)
    {
        var cut = address.GetAddressBytes();
        cut.AsSpan(bytes).Clear();
        return new IPAddress(cut);
    }
}
