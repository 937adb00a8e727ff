using System.Collections.Immutable;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>What a call to the chain brought about.</summary>
/// <param name="Outcomes">What became of each share offered, in the order offered; empty when none was.</param>
/// <param name="Settled">Shares held since an earlier call that this one judged: what was told of them then was not the last word.</param>
/// <param name="NewBest">The share to build on from now on; null when that did not change.</param>
/// <param name="MissingParents">Shares to ask peers for; each hash once. The whole list as of now, not only what is new; after an unfinished call only a part of it.</param>
/// <param name="BadOrigins">Nodes that sent a refused share; each once.</param>
/// <param name="SolvedBlocks">Newly verified shares that solve the block they name, as far as their own header tells. On loading, old ones too.</param>
/// <param name="Removed">Shares no longer held: refused, pruned, or crowded out.</param>
/// <param name="UnknownBlocks">Blocks whose height was wanted to compare chains, and was not known; asking the daemon for them helps the next choice.</param>
/// <param name="IsUnfinished">
/// Whether the call ended because of <see cref="ShareChain.MostVerifications"/>. The best share stands as it was; the chain is to be evaluated again,
/// and goes on from there.
/// </param>
public sealed record ChainChange(
    ImmutableArray<ShareOutcome> Outcomes,
    ImmutableArray<SettledShare> Settled,
    KnownShare? NewBest,
    ImmutableArray<MissingParent> MissingParents,
    ImmutableArray<PeerEndpoint> BadOrigins,
    ImmutableArray<KnownShare> SolvedBlocks,
    ImmutableArray<KnownShare> Removed,
    ImmutableArray<Hash256> UnknownBlocks,
    bool IsUnfinished);
