using System.Collections.Immutable;
using Grainpool.P2Pool.Peers;

namespace Grainpool.GrainInterfaces.Peers;

/// <summary>Which other nodes there are, and which gateway goes to which; its key is the network's name.</summary>
[Alias("grainpool.PeerBook")]
public interface IPeerBookGrain : IGrainWithStringKey
{
    /// <summary>A gateway tells what happened and hears whom to dial. Called every few seconds; what is told twice does no harm.</summary>
    [Alias("renew")]
    Task<PeerBookAnswer> Renew(PeerBookRenewal renewal);

    /// <summary>All nodes connected, over all gateways.</summary>
    [Alias("connected")]
    Task<ImmutableArray<ConnectedPeer>> Connected();
}

/// <summary>A node a gateway is connected with.</summary>
/// <param name="Endpoint">Where it is, or came from.</param>
/// <param name="IsOutgoing">Whether we went to it.</param>
/// <param name="Software">What it says it is.</param>
/// <param name="Since">When it introduced itself.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ConnectedPeer")]
public sealed record ConnectedPeer(
    [property: Id(0)] PeerEndpoint Endpoint, [property: Id(1)] bool IsOutgoing, [property: Id(2)] string Software, [property: Id(3)] DateTimeOffset Since)
{
    /// <summary>Whether the gateway goes there because it is configured to, and not because the book says so.</summary>
    [Id(4)]
    public bool IsConfigured { get; init; }

    /// <summary>Where others reach it, where that is known and another end point: of one that was gone to by name, its address.</summary>
    [Id(5)]
    public PeerEndpoint? ReachedAt { get; init; }
}

/// <summary>How an attempt to reach a node went.</summary>
/// <param name="Endpoint">The node.</param>
/// <param name="Reached">Whether it introduced itself.</param>
/// <param name="IsOurselves">Whether it turned out to be a gateway of this cluster.</param>
[GenerateSerializer, Immutable, Alias("grainpool.DialResult")]
public sealed record DialResult([property: Id(0)] PeerEndpoint Endpoint, [property: Id(1)] bool Reached, [property: Id(2)] bool IsOurselves);

/// <summary>A node that another one told of.</summary>
/// <param name="Endpoint">Where it is said to be.</param>
/// <param name="Seen">When its teller says it was last seen.</param>
/// <param name="Source">Host of the teller.</param>
[GenerateSerializer, Immutable, Alias("grainpool.HeardPeer")]
public sealed record HeardPeer([property: Id(0)] PeerEndpoint Endpoint, [property: Id(1)] DateTimeOffset Seen, [property: Id(2)] string Source);

/// <summary>What a gateway tells the book.</summary>
/// <param name="Gateway">Its name, unique in the cluster.</param>
/// <param name="Nonce">What it introduces itself with.</param>
/// <param name="Outgoing">Nodes the cluster is to be connected with by going to them, the configured ones aside.</param>
/// <param name="Connected">Nodes it is connected with.</param>
/// <param name="Dialled">Attempts that ended since the last call.</param>
/// <param name="Heard">Nodes it was told of since the last call; at most <see cref="MostHeard"/>.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PeerBookRenewal")]
public sealed record PeerBookRenewal(
    [property: Id(0)] string Gateway,
    [property: Id(1)] ulong Nonce,
    [property: Id(2)] int Outgoing,
    [property: Id(3)] ImmutableArray<ConnectedPeer> Connected,
    [property: Id(4)] ImmutableArray<DialResult> Dialled,
    [property: Id(5)] ImmutableArray<HeardPeer> Heard)
{
    /// <summary>Where this gateway itself is reached: nobody of the cluster goes there.</summary>
    [Id(6)]
    public ImmutableArray<PeerEndpoint> Own { get; init; } = [];

    /// <summary>Most addresses in one call.</summary>
    public const int MostHeard = 1000;
}

/// <summary>What the book answers.</summary>
/// <param name="Dial">Nodes this gateway is to go to now; no other gateway is told of them.</param>
/// <param name="OurNonces">What the cluster's gateways introduce themselves with.</param>
/// <param name="Sample">Nodes to tell others of.</param>
/// <param name="Known">Nodes known altogether.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PeerBookAnswer")]
public sealed record PeerBookAnswer(
    [property: Id(0)] ImmutableArray<PeerEndpoint> Dial,
    [property: Id(1)] ImmutableArray<ulong> OurNonces,
    [property: Id(2)] ImmutableArray<HeardPeer> Sample,
    [property: Id(3)] int Known)
{
    /// <summary>Nodes to take leave of: another gateway went there first, or is to have its part of the outgoing connections.</summary>
    [Id(4)]
    public ImmutableArray<PeerEndpoint> Leave { get; init; } = [];

    /// <summary>Nodes that another gateway went to, as it names them: nobody else goes there, also where they are configured.</summary>
    [Id(5)]
    public ImmutableArray<PeerEndpoint> HeldElsewhere { get; init; } = [];
}
