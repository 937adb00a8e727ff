using Grainpool.P2Pool.Peers;

namespace Grainpool.GrainInterfaces.Peers;

/// <summary>The standing of one host among other nodes; its key is the network's name, '/' and the host (an IPv6 host is its /64).</summary>
/// <remarks>Nothing is stored of a host that never introduced itself as a node of this network.</remarks>
[Alias("grainpool.Peer")]
public interface IPeerGrain : IGrainWithStringKey
{
    /// <summary>Whether a connection with it may go on.</summary>
    [Alias("standing")]
    Task<PeerStanding> Standing();

    /// <summary>It introduced itself properly.</summary>
    /// <param name="software">What it says it is; the first characters are kept.</param>
    [Alias("introduced")]
    Task<PeerStanding> Introduced(string software);

    /// <summary>It did something wrong. Hosts of this machine are never banned.</summary>
    [Alias("offended")]
    Task<PeerStanding> Offended(PeerFault fault);
}

/// <summary>How a host stands.</summary>
/// <param name="BannedUntil">No connection before that; null when it is not banned.</param>
/// <param name="Bans">How often it was banned, less what time has forgiven.</param>
/// <param name="FirstSeen">First introduction; null for none.</param>
/// <param name="LastSeen">Last introduction; null for none.</param>
/// <param name="LastFault">What the last ban was for; null for none.</param>
/// <param name="Software">What it said it is.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PeerStanding")]
public sealed record PeerStanding(
    [property: Id(0)] DateTimeOffset? BannedUntil,
    [property: Id(1)] int Bans,
    [property: Id(2)] DateTimeOffset? FirstSeen,
    [property: Id(3)] DateTimeOffset? LastSeen,
    [property: Id(4)] PeerFault? LastFault,
    [property: Id(5)] string Software);
