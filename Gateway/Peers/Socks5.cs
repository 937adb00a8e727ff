using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Asks a SOCKS5 proxy, such as Tor, for a connection. RFC 1928, without a password.</summary>
internal static class Socks5
{
    private const byte Version = 5;
    private const byte NoPassword = 0;
    private const byte Connect = 1;
    private const byte IPv4 = 1;
    private const byte Name = 3;
    private const byte IPv6 = 4;

    /// <summary>Leaves the stream at the first byte of the node itself. A name is left to the proxy to look up.</summary>
    /// <exception cref="IOException">The proxy refuses, or is none.</exception>
    public static async Task ConnectAsync(Stream stream, PeerEndpoint endpoint, CancellationToken cancellation)
    {
        await stream.WriteAsync(new byte[] { Version, 1, NoPassword }, cancellation);
        var choice = await ReadAsync(stream, 2, cancellation);
        if (choice[0] != Version || choice[1] != NoPassword) throw new IOException("the proxy wants a password or is no SOCKS5 proxy");

        await stream.WriteAsync(Request(endpoint), cancellation);
        var answer = await ReadAsync(stream, 4, cancellation);
        if (answer[0] != Version || answer[1] != 0) throw new IOException($"the proxy cannot connect (code {answer[1]})");
        var length = answer[3] switch
        {
            IPv4 => 4,
            IPv6 => 16,
            Name => (await ReadAsync(stream, 1, cancellation))[0],
            _ => throw new IOException("the proxy answers with an unknown kind of address"),
        };
        await ReadAsync(stream, length + sizeof(ushort), cancellation);
    }

    private static byte[] Request(PeerEndpoint endpoint)
    {
        byte[] address = IPAddress.TryParse(endpoint.Host, out var ip)
            ? [ip.AddressFamily == AddressFamily.InterNetwork ? IPv4 : IPv6, .. ip.GetAddressBytes()]
            : Encoding.ASCII.GetBytes(endpoint.Host) is { Length: > 0 and <= 255 } name
                ? [Name, (byte)name.Length, .. name]
                : throw new IOException($"'{endpoint.Host}' is no name");
        byte[] request = [Version, Connect, 0, .. address, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(request.Length - sizeof(ushort)), (ushort)endpoint.Port);
        return request;
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
