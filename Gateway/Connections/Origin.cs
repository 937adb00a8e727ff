using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Grainpool.Gateway.Connections;

/// <summary>Where a connection comes from.</summary>
/// <param name="Name">Address and port, for people.</param>
/// <param name="Host">What counts as one host: an IPv4 address, or the /64 network that an IPv6 subscriber is given.</param>
internal sealed record Origin(string Name, IPAddress Host)
{
    private const int NetworkBytes = 8;

    /// <summary>The origin of a connection with this remote end; one without an address counts as the machine itself.</summary>
    public static Origin Of(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address, Port: var port }) return new Origin(remote?.ToString() ?? "", IPAddress.Loopback);
        // A socket that serves both families shows IPv4 addresses in IPv6 dress.
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return new Origin(new IPEndPoint(address, port).ToString(), HostOf(address));
    }

    private static IPAddress HostOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) return address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[NetworkBytes..], 0);
        return new IPAddress(bytes);
    }
}
