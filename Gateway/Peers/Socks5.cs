using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Asks a SOCKS5 proxy, such as Tor, for a connection. RFC 1928, and RFC 1929 for user name and password.</summary>
internal static class Socks5
{
    private const byte Version = 5;
    private const byte NoPassword = 0;
    private const byte Password = 2;
    private const byte PasswordVersion = 1;
    private const byte Connect = 1;
    private const byte IPv4 = 1;
    private const byte Name = 3;
    private const byte IPv6 = 4;

    /// <summary>Leaves the stream at the first byte of the node itself. A name is left to the proxy to look up.</summary>
    /// <param name="stream">The connection with the proxy.</param>
    /// <param name="endpoint">The node.</param>
    /// <param name="login">User name and password, of at most 255 bytes each, where the proxy asks for them; null offers none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The proxy refuses, or is none.</exception>
    public static async Task ConnectAsync(Stream stream, PeerEndpoint endpoint, (string User, string Password)? login, CancellationToken cancellation)
    {
        await stream.WriteAsync(login is null ? [Version, 1, NoPassword] : new byte[] { Version, 2, NoPassword, Password }, cancellation);
        var choice = await ReadAsync(stream, 2, cancellation);
        if (choice[0] != Version) throw new IOException("that is no SOCKS5 proxy");
        if (choice[1] == Password && login is { } known) await LogInAsync(stream, known, cancellation);
        else if (choice[1] != NoPassword) throw new IOException(login is null ? "the proxy wants a password" : "the proxy wants another way of logging in");

        await stream.WriteAsync(Request(endpoint), cancellation);
        var answer = await ReadAsync(stream, 4, cancellation);
        if (answer[0] != Version || answer[1] != 0) throw new IOException($"the proxy cannot connect: {Reason(answer[1])}");
        var length = answer[3] switch
        {
            IPv4 => 4,
            IPv6 => 16,
            Name => (await ReadAsync(stream, 1, cancellation))[0],
            _ => throw new IOException("the proxy answers with an unknown kind of address"),
        };
        await ReadAsync(stream, length + sizeof(ushort), cancellation);
    }

    private static async Task LogInAsync(Stream stream, (string User, string Password) login, CancellationToken cancellation)
    {
        var (user, password) = (Encoding.UTF8.GetBytes(login.User), Encoding.UTF8.GetBytes(login.Password));
        await stream.WriteAsync((byte[])[PasswordVersion, checked((byte)user.Length), .. user, checked((byte)password.Length), .. password], cancellation);
        var answer = await ReadAsync(stream, 2, cancellation);
        if (answer[1] != 0) throw new IOException("the proxy does not know this user name and password");
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

    private static string Reason(byte code) => code switch
    {
        1 => "it failed",
        2 => "its rules forbid it",
        3 => "the network is unreachable",
        4 => "the host is unreachable",
        5 => "the node refuses connections",
        6 => "it took too long",
        7 => "it does not make connections",
        8 => "it does not know this kind of address",
        _ => $"code {code}",
    };

    private static async Task<byte[]> ReadAsync(Stream stream, int count, CancellationToken cancellation)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }
}
