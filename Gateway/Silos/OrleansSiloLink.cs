using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Silos;

/// <summary>The calls as calls of grains.</summary>
internal sealed class OrleansSiloLink : ISiloLink
{
    private readonly IGrainFactory _grains;
    private readonly GatewayIdentity _identity;
    private readonly string _network;

    // Orleans holds an observer weakly: without this field news would end at the next garbage collection, without a sound.
    private readonly NewsReceiver _receiver;
    private readonly Lazy<IGatewayObserver> _observer;

    public OrleansSiloLink(IGrainFactory grains, NetworkParameters network, GatewayIdentity identity, SiloNews news)
    {
        (_grains, _identity, _network) = (grains, identity, network.Name);
        _receiver = new NewsReceiver(news);
        // Not before the client is connected.
        _observer = new Lazy<IGatewayObserver>(() => grains.CreateObjectReference<IGatewayObserver>(_receiver));
    }

    public Task<GatewayAnswer> RenewAsync(long knownEpoch, long knownSequence, int connections) =>
        Chain.Renew(new GatewayRenewal(_identity.Name, _identity.Incarnation, _observer.Value, knownEpoch, knownSequence, connections));

    public Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares) => Chain.Add(new ShareBatch(_identity.Name, [.. shares]));

    public Task<BlockReceipt> FoundAsync(FoundBlock block) => Templates.Found(block);

    public Task<TemplateTransactions?> TransactionsAsync(Hash256 templateId) => Templates.Transactions(templateId);

    public Task<WorkReportAnswer> ReportAsync(string address, WorkReport report) => Miner(address).Report(report);

    public Task<RecalledWorker> RecallAsync(string address, string worker) => Miner(address).Recall(worker);

    private IShareChainGrain Chain => _grains.GetGrain<IShareChainGrain>(_network);

    private ITemplateGrain Templates => _grains.GetGrain<ITemplateGrain>(_network);

    private IMinerGrain Miner(string address) => _grains.GetGrain<IMinerGrain>($"{_network}/{address}");

    private sealed class NewsReceiver(SiloNews news) : IGatewayObserver
    {
        public Task NewWork(WorkAnnouncement work)
        {
            news.Tell(work);
            return Task.CompletedTask;
        }
    }
}
