using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Grainpool.LoadGenerator;

/// <summary>Where a pool is, and whether TLS is spoken with it.</summary>
/// <param name="EndPoint">Address and port.</param>
/// <param name="TlsHost">Its name for TLS; null for a plain connection.</param>
internal sealed record PoolAddress(IPEndPoint EndPoint, string? TlsHost)
{
    /// <summary>Reads <c>HOST:PORT</c>, with <c>stratum+tcp://</c> or <c>stratum+ssl://</c> before it or not. An IPv6 address stands in brackets.</summary>
    /// <exception cref="ArgumentException">It is written otherwise.</exception>
    /// <exception cref="SocketException">No such host.</exception>
    public static async Task<PoolAddress> FindAsync(string text, CancellationToken cancellation)
    {
        var (scheme, rest) = text.Split("://", 2) is [var before, var after] ? (before, after) : ("stratum+tcp", text);
        bool? tls = scheme switch { "stratum+tcp" or "tcp" => false, "stratum+ssl" or "stratum+tls" or "ssl" or "tls" => true, _ => null };
        var place = rest.LastIndexOf(':');
        var host = place < 1 ? "" : rest[..place];
        var isBracketed = host is ['[', .., ']'];
        if (tls is not { } isTls || host.Length == 0 || (host.Contains(':', StringComparison.Ordinal) && !isBracketed)
            || !int.TryParse(rest.AsSpan(place + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new ArgumentException($"--pool is \"{text}\"; wanted is HOST:PORT, stratum+tcp://HOST:PORT or stratum+ssl://HOST:PORT, an IPv6 address in brackets");
        if (isBracketed) host = host[1..^1];
        var found = await Dns.GetHostAddressesAsync(host, cancellation);
        var address = found.FirstOrDefault(each => each.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        return new PoolAddress(new IPEndPoint(address, port), isTls ? host : null);
    }
}
