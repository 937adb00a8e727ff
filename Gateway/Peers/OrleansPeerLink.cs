using System.Collections.Immutable;
using Grainpool.Gateway.Silos;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Peers;

/// <summary>The calls as calls of grains.</summary>
internal sealed class OrleansPeerLink : IPeerLink
{
    private readonly IGrainFactory _grains;
    private readonly GatewayIdentity _identity;
    private readonly string _network;

    // Orleans holds an observer weakly: without this field news would end at the next garbage collection, without a sound.
    private readonly NewsReceiver _receiver;
    private readonly Lazy<IPeerObserver> _observer;

    public OrleansPeerLink(IGrainFactory grains, NetworkParameters network, GatewayIdentity identity, PeerNews news)
    {
        (_grains, _identity, _network) = (grains, identity, network.Name);
        _receiver = new NewsReceiver(news);
        // Not before the client is connected.
        _observer = new Lazy<IPeerObserver>(() => grains.CreateObjectReference<IPeerObserver>(_receiver));
    }

    public Task<PeerRenewalAnswer> RenewAsync(int incoming, int outgoing, bool behind) =>
        Chain.RenewPeers(new PeerRenewal(_identity.Name, _observer.Value, incoming, outgoing, behind));

    public Task<WantedShares> TakeWantedAsync(int most) => Chain.TakeWanted(_identity.Name, most);

    public Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares) => Chain.Add(new ShareBatch(_identity.Name, [.. shares]));

    public Task<ImmutableArray<ImmutableArray<byte>>> AnswerAsync(ImmutableArray<Hash256> hashes, ulong parents, ImmutableArray<Hash256> stops) =>
        Chain.AnswerRequest(hashes, parents, stops);

    public async Task<bool> HasAsync(Hash256 share) => await Chain.ShareBytes(share) is not null;

    public Task BestBlockAsync(BlockRelay block) => Chain.BestBlock(block);

    public Task<PeerStanding> StandingAsync(string host) => Peer(host).Standing();

    public Task<PeerStanding> IntroducedAsync(string host, string software) => Peer(host).Introduced(software);

    public Task<PeerStanding> OffendedAsync(string host, PeerFault fault) => Peer(host).Offended(fault);

    public Task<PeerBookAnswer> RenewBookAsync(PeerBookRenewal renewal) => _grains.GetGrain<IPeerBookGrain>(_network).Renew(renewal);

    private IShareChainGrain Chain => _grains.GetGrain<IShareChainGrain>(_network);

    private IPeerGrain Peer(string host) => _grains.GetGrain<IPeerGrain>($"{_network}/{host}");

    private sealed class NewsReceiver(PeerNews news) : IPeerObserver
    {
        public Task NewShares(ShareRelay relay) => Told(() => news.Tell(relay));

        public Task BestBlock(BlockRelay relay) => Told(() => news.Tell(relay));

        public Task BadOrigins(ImmutableArray<PeerEndpoint> origins) => Told(() => news.Tell(origins));

        private static Task Told(Action tell)
        {
            tell();
            return Task.CompletedTask;
        }
    }
}
