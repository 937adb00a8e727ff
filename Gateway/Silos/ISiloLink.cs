using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Silos;

/// <summary>The calls a gateway makes. Every one may fail or time out, and then may have happened all the same.</summary>
internal interface ISiloLink
{
    /// <summary>Says that this gateway is alive and what work it has.</summary>
    /// <param name="knownEpoch">Epoch of the work it has; 0 for none.</param>
    /// <param name="knownSequence">Sequence of the work it has; 0 for none.</param>
    /// <param name="connections">Miners connected.</param>
    Task<GatewayAnswer> RenewAsync(long knownEpoch, long knownSequence, int connections);

    /// <summary>Offers shares to the chain.</summary>
    Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares);

    /// <summary>Hands a found block to the books.</summary>
    Task<BlockReceipt> FoundAsync(FoundBlock block);

    /// <summary>Bodies of a template's transactions; null when they are not held any more.</summary>
    Task<TemplateTransactions?> TransactionsAsync(Hash256 templateId);

    /// <summary>Books the work of an address.</summary>
    Task<WorkReportAnswer> ReportAsync(string address, WorkReport report);

    /// <summary>What the cluster remembers of a worker.</summary>
    Task<RecalledWorker> RecallAsync(string address, string worker);
}
