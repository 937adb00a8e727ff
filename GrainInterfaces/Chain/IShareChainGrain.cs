using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Primitives;
using Orleans.Concurrency;

namespace Grainpool.GrainInterfaces.Chain;

/// <summary>The share chain of one network; its key is the network's name.</summary>
/// <remarks>It awaits the template grain and nobody else. What it tells gateways is news; <see cref="Renew"/> is the truth.</remarks>
[Alias("grainpool.ShareChain")]
public interface IShareChainGrain : IGrainWithStringKey
{
    /// <summary>Keeps a gateway registered for news for 10 s more, and answers with the current work unless the gateway has it.</summary>
    /// <remarks>Called every 2 s by every gateway; the call wakes the grain after the silo that held it died.</remarks>
    [Alias("renew")]
    Task<GatewayAnswer> Renew(GatewayRenewal renewal);

    /// <summary>Offers shares; idempotent by hash. At most <see cref="ShareBatch.MaxShares"/> a call.</summary>
    /// <exception cref="ArgumentException">More shares than that.</exception>
    [Alias("add")]
    Task<AddSharesAnswer> Add(ShareBatch batch);

    /// <summary>News from the template grain that a template with this id is to be had.</summary>
    [OneWay]
    [Alias("template-changed")]
    Task TemplateChanged(TemplateAnswer news);

    /// <summary>What people want to see of the chain; at most one second old.</summary>
    [Alias("snapshot")]
    Task<ChainSnapshot> Snapshot();

    /// <summary>One share as sent between nodes (type and contents), or null when it is not held.</summary>
    [Alias("share")]
    Task<ImmutableArray<byte>?> ShareBytes(Hash256 hash);

    /// <summary>Keeps a gateway registered for news meant for other nodes for 10 s more.</summary>
    [Alias("renew-peers")]
    Task<PeerRenewalAnswer> RenewPeers(PeerRenewal renewal);

    /// <summary>Shares that this gateway is to ask other nodes for; for some seconds no other gateway is told to.</summary>
    /// <param name="gateway">Who asks.</param>
    /// <param name="most">Most to name.</param>
    [Alias("take-wanted")]
    Task<WantedShares> TakeWanted(string gateway, int most);

    /// <summary>The answer to another node's request: for each hash the share and its ancestors, newest first, each as sent between nodes.</summary>
    /// <param name="hashes">At least one.</param>
    /// <param name="parents">Ancestors wanted of each.</param>
    /// <param name="stops">Shares before which a line ends.</param>
    [Alias("answer-request")]
    Task<ImmutableArray<ImmutableArray<byte>>> AnswerRequest(ImmutableArray<Hash256> hashes, ulong parents, ImmutableArray<Hash256> stops);

    /// <summary>News of a block whose proof of work a gateway has checked; other nodes are told when it is at the tip.</summary>
    [OneWay]
    [Alias("best-block")]
    Task BestBlock(BlockRelay block);
}
