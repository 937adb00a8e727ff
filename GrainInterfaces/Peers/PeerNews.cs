using System.Collections.Immutable;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Orleans.Concurrency;

namespace Grainpool.GrainInterfaces.Peers;

/// <summary>How news for other nodes reaches a gateway. One per gateway process; at most once.</summary>
[Alias("grainpool.PeerObserver")]
public interface IPeerObserver : IGrainObserver
{
    /// <summary>Shares that other nodes are to have.</summary>
    [OneWay]
    [Alias("new-shares")]
    Task NewShares(ShareRelay relay);

    /// <summary>Header of a block that other nodes are to have.</summary>
    [OneWay]
    [Alias("best-block")]
    Task BestBlock(BlockRelay relay);

    /// <summary>Nodes that sent shares against the rules.</summary>
    [OneWay]
    [Alias("bad-origins")]
    Task BadOrigins(ImmutableArray<PeerEndpoint> origins);
}

/// <summary>A share on its way to other nodes.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="WireBytes">Type and contents.</param>
/// <param name="From">The node it came from first, which has it; none for our own.</param>
[GenerateSerializer, Immutable, Alias("grainpool.RelayedShare")]
public sealed record RelayedShare(
    [property: Id(0)] Hash256 Hash, [property: Id(1)] ImmutableArray<byte> WireBytes, [property: Id(2)] PeerEndpoint? From);

/// <summary>Shares for all other nodes.</summary>
/// <param name="Best">The best share now; zero for none.</param>
/// <param name="Shares">Newest first.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ShareRelay")]
public sealed record ShareRelay([property: Id(0)] Hash256 Best, [property: Id(1)] ImmutableArray<RelayedShare> Shares);

/// <summary>A block header for all other nodes.</summary>
/// <param name="Header">80 bytes.</param>
/// <param name="From">The node it came from; none for our own.</param>
[GenerateSerializer, Immutable, Alias("grainpool.BlockRelay")]
public sealed record BlockRelay([property: Id(0)] ImmutableArray<byte> Header, [property: Id(1)] PeerEndpoint? From);

/// <summary>A gateway says how many nodes it is connected with.</summary>
/// <param name="Gateway">Its name, unique in the cluster.</param>
/// <param name="Observer">Where news goes.</param>
/// <param name="Incoming">Nodes that came to it and introduced themselves.</param>
/// <param name="Outgoing">Nodes it went to and that introduced themselves.</param>
/// <param name="Behind">Whether one of them announced a share that is still being fetched.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PeerRenewal")]
public sealed record PeerRenewal(
    [property: Id(0)] string Gateway,
    [property: Id(1)] IPeerObserver Observer,
    [property: Id(2)] int Incoming,
    [property: Id(3)] int Outgoing,
    [property: Id(4)] bool Behind);

/// <summary>The answer to a <see cref="PeerRenewal"/>.</summary>
/// <param name="Epoch">Activation of the chain that answered; 0 while it is loading.</param>
/// <param name="Best">The best share; zero for none.</param>
/// <param name="WantsShares">Whether there are shares to be asked for.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PeerRenewalAnswer")]
public sealed record PeerRenewalAnswer([property: Id(0)] long Epoch, [property: Id(1)] Hash256 Best, [property: Id(2)] bool WantsShares);

/// <summary>A share to ask other nodes for, with its ancestors.</summary>
/// <param name="Hash">The share.</param>
/// <param name="From">A node that has a child of it; null when unknown.</param>
/// <param name="MostUseful">How many ancestors, the share included, can be of use at all.</param>
[GenerateSerializer, Immutable, Alias("grainpool.WantedShare")]
public sealed record WantedShare([property: Id(0)] Hash256 Hash, [property: Id(1)] PeerEndpoint? From, [property: Id(2)] int MostUseful);

/// <summary>What one gateway is to ask for.</summary>
/// <param name="Shares">Nobody else asks for these for some seconds.</param>
/// <param name="Stops">Shares before which answers may end.</param>
[GenerateSerializer, Immutable, Alias("grainpool.WantedShares")]
public sealed record WantedShares([property: Id(0)] ImmutableArray<WantedShare> Shares, [property: Id(1)] ImmutableArray<Hash256> Stops);

/// <summary>How far a node has come with fetching the network's chain.</summary>
/// <param name="IsSynced">Whether it has enough to work with.</param>
/// <param name="Shares">Shares held.</param>
/// <param name="Goal">Shares of a full download: two chain lengths and one, or as many as the newest share known says there ever were.</param>
/// <param name="SharesPerSecond">How many came lately.</param>
/// <param name="TimeLeft">At that rate; null when it is not known.</param>
[GenerateSerializer, Immutable, Alias("grainpool.SyncProgress")]
public sealed record SyncProgress(
    [property: Id(0)] bool IsSynced,
    [property: Id(1)] int Shares,
    [property: Id(2)] int Goal,
    [property: Id(3)] double SharesPerSecond,
    [property: Id(4)] TimeSpan? TimeLeft)
{
    /// <summary>Whether nothing is left to be fetched: all is here, or nobody has more.</summary>
    [Id(5)]
    public bool IsComplete { get; init; }

    /// <summary>From 0 to 100.</summary>
    public double Percent => IsComplete ? 100 : Goal == 0 ? 0 : Math.Min(99.9, 100.0 * Shares / Goal);
}
