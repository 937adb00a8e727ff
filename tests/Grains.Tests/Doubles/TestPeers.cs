using System.Collections.Immutable;
using System.Threading.Channels;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>The part of a gateway that speaks with other nodes, without any: it hears what they are to be told.</summary>
internal sealed class TestPeers : IPeerObserver
{
    private readonly TestSilo _silo;
    private readonly string _name;
    private readonly IPeerObserver _reference;

    public TestPeers(TestSilo silo, string name = "test")
    {
        (_silo, _name) = (silo, name);
        _reference = silo.Client.CreateObjectReference<IPeerObserver>(this);
    }

    /// <summary>Shares for other nodes, as they come.</summary>
    public Channel<ShareRelay> Shares { get; } = Channel.CreateUnbounded<ShareRelay>();

    /// <summary>Headers for other nodes, as they come.</summary>
    public Channel<BlockRelay> Blocks { get; } = Channel.CreateUnbounded<BlockRelay>();

    /// <summary>Nodes that sent wrong shares, as they come.</summary>
    public Channel<ImmutableArray<PeerEndpoint>> Bad { get; } = Channel.CreateUnbounded<ImmutableArray<PeerEndpoint>>();

    public Task NewShares(ShareRelay relay) => Told(Shares, relay);

    public Task BestBlock(BlockRelay relay) => Told(Blocks, relay);

    public Task BadOrigins(ImmutableArray<PeerEndpoint> origins) => Told(Bad, origins);

    public Task<PeerRenewalAnswer> Renew(int incoming = 0, int outgoing = 1, bool behind = false) =>
        _silo.Chain.RenewPeers(new PeerRenewal(_name, _reference, incoming, outgoing, behind));

    private static Task Told<T>(Channel<T> channel, T news)
    {
        channel.Writer.TryWrite(news);
        return Task.CompletedTask;
    }
}
