using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Peers;

/// <summary>The calls a gateway makes for the sake of other nodes. Every one may fail or time out.</summary>
internal interface IPeerLink
{
    /// <summary>Keeps this gateway registered for news.</summary>
    Task<PeerRenewalAnswer> RenewAsync(int incoming, int outgoing, bool behind);

    /// <summary>Shares this gateway is to ask for.</summary>
    Task<WantedShares> TakeWantedAsync(int most);

    /// <summary>Offers shares of other nodes to the chain; at most <see cref="ShareBatch.MaxShares"/>.</summary>
    Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares);

    /// <summary>The shares that answer a request.</summary>
    Task<ImmutableArray<ImmutableArray<byte>>> AnswerAsync(ImmutableArray<Hash256> hashes, ulong parents, ImmutableArray<Hash256> stops);

    /// <summary>A share as sent between nodes, or null when the chain does not hold it.</summary>
    Task<bool> HasAsync(Hash256 share);

    /// <summary>Tells the cluster of a block header whose proof of work is good.</summary>
    Task BestBlockAsync(BlockRelay block);

    /// <summary>How a host stands.</summary>
    Task<PeerStanding> StandingAsync(string host);

    /// <summary>A host introduced itself.</summary>
    Task<PeerStanding> IntroducedAsync(string host, string software);

    /// <summary>A host did something wrong.</summary>
    Task<PeerStanding> OffendedAsync(string host, PeerFault fault);

    /// <summary>Tells the address book what happened, and hears whom to dial.</summary>
    Task<PeerBookAnswer> RenewBookAsync(PeerBookRenewal renewal);
}
