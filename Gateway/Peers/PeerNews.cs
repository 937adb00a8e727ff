using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Gateway.Peers;

/// <summary>Where the cluster's news for other nodes comes in; whoever wants it listens.</summary>
internal sealed class PeerNews
{
    /// <summary>Other nodes are to have these shares.</summary>
    public event Action<ShareRelay>? NewShares;

    /// <summary>Other nodes are to have this header.</summary>
    public event Action<BlockRelay>? BestBlock;

    /// <summary>These nodes sent shares against the rules.</summary>
    public event Action<ImmutableArray<PeerEndpoint>>? BadOrigins;

    public void Tell(ShareRelay relay) => NewShares?.Invoke(relay);

    public void Tell(BlockRelay relay) => BestBlock?.Invoke(relay);

    public void Tell(ImmutableArray<PeerEndpoint> origins) => BadOrigins?.Invoke(origins);
}
