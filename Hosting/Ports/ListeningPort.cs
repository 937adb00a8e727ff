using System.Net;
using System.Net.Sockets;
using Grainpool.Hosting.Settings;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Ports;

/// <summary>A TCP port that this process is going to listen on.</summary>
/// <param name="Key">The setting it comes from, such as <c>stratum:port</c>.</param>
/// <param name="EndPoint">Address and port.</param>
public sealed record ListeningPort(string Key, IPEndPoint EndPoint)
{
    /// <summary>The address that a setting of an address to listen on means; <c>*</c> is all, of both families where the machine has both.</summary>
    /// <param name="address">An IP address or <c>*</c>.</param>
    public static IPAddress AddressOf(string address) =>
        address != "*" ? IPAddress.Parse(address) : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>What stands in the way of listening, and how to mend it.</summary>
    /// <param name="error">What the machine answered.</param>
    public string Explain(SocketError error)
    {
        var (section, name) = (Key.Split(':')[0], Key.Split(':')[1]);
        return error switch
        {
            SocketError.AddressAlreadyInUse =>
                $"{Key} is {EndPoint.Port}, a port that another program is using already (address {EndPoint.Address}). Stop that program, or take another " +
                $"port: {name} in section {section} of orleans.yaml, --{Key}=PORT, or GRAINPOOL_{Upper(section)}__{Upper(name)}=PORT.",
            SocketError.AccessDenied =>
                $"{Key} is {EndPoint.Port}, a port that this user may not listen on; allowed without privileges are ports from 1024 to 65535.",
            SocketError.AddressNotAvailable =>
                $"{Key} is {EndPoint.Port} on address {EndPoint.Address}, which is not an address of this machine.",
            _ => $"{Key} is {EndPoint.Port}, but nothing can listen on {EndPoint}: {new SocketException((int)error).Message}.",
        };
    }

    private static string Upper(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}

/// <summary>Says which ports a process is going to listen on, so that they are looked at before it joins the cluster.</summary>
public static class ListeningPortExtensions
{
    /// <summary>Adds one more port.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="port">Makes it from the options.</param>
    public static IServiceCollection AddListeningPort(this IServiceCollection services, Func<IServiceProvider, ListeningPort> port) => services.AddSingleton(port);

    /// <summary>Adds the ports that <paramref name="role"/> always has; the admin endpoint looks after its own.</summary>
    internal static void AddListeningPorts(this IServiceCollection services, ProcessRole role)
    {
        if (role == ProcessRole.Gateway)
        {
            services.AddListeningPort(provider => new ListeningPort("stratum:port", provider.GetRequiredService<IOptions<StratumOptions>>().Value.EndPoint));
            services.AddListeningPort(provider => provider.GetRequiredService<IOptions<PeerOptions>>().Value is { Incoming: > 0 } peers
                ? new ListeningPort("peers:port", peers.EndPoint)
                : new ListeningPort("peers:port", new IPEndPoint(IPAddress.Loopback, 0)));
            return;
        }
        services.AddListeningPort(provider => new ListeningPort("cluster:siloPort", provider.GetRequiredService<IOptions<PoolClusterOptions>>().Value.SiloEndPoint));
        services.AddListeningPort(provider => new ListeningPort("cluster:gatewayPort", provider.GetRequiredService<IOptions<PoolClusterOptions>>().Value.GatewayEndPoint));
    }
}
