using System.Net;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Peers;

/// <summary>Where a node is, as it stands in messages.</summary>
/// <param name="Services">Nobody uses it; 0.</param>
/// <param name="Address">IPv6; an IPv4 address is written as ::ffff:a.b.c.d.</param>
/// <param name="Port">TCP port.</param>
public sealed record PeerAddress(ulong Services, IPAddress Address, ushort Port)
{
    /// <summary>Bytes it takes.</summary>
    public const int Size = 26;

    /// <summary>The end point, an IPv4 address in its own form.</summary>
    public PeerEndpoint Endpoint => new((Address.IsIPv4MappedToIPv6 ? Address.MapToIPv4() : Address).ToString(), Port);

    /// <summary>Reads an address.</summary>
    /// <exception cref="WireFormatException">Cut bytes.</exception>
    public static PeerAddress Read(ref ByteReader reader) => new(reader.UInt64(), new IPAddress(reader.Bytes(16)), reader.UInt16BigEndian());

    /// <summary>Writes it.</summary>
    public void Write(ByteWriter writer)
    {
        Span<byte> address = stackalloc byte[16];
        Address.MapToIPv6().TryWriteBytes(address, out _);
        writer.UInt64(Services).Bytes(address).UInt16BigEndian(Port);
    }
}
