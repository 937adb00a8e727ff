using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Work;

/// <summary>What a daemon's block template means for new shares; the transactions' bodies are fetched apart, by <see cref="Id"/>.</summary>
/// <param name="Id">Names this template and its list of transactions.</param>
/// <param name="Height">Height of the block to be found.</param>
/// <param name="PreviousBlock">Tip it builds on.</param>
/// <param name="Version">Header version, already at least 0x20000000.</param>
/// <param name="Bits">Block target.</param>
/// <param name="CurrentTime">Header time handed to miners, Unix seconds.</param>
/// <param name="CoinbaseValue">Subsidy and fees, satoshi.</param>
/// <param name="TransactionIdBranch">Branch of the coinbase over [placeholder, transaction ids…].</param>
/// <param name="WitnessRoot">Merkle root over [0, witness ids…]; zero without transactions.</param>
/// <param name="FullHashBranch">Branch of the coinbase over [placeholder, full hashes…], which a share carries uncommitted.</param>
/// <param name="TransactionCount">Transactions besides the coinbase.</param>
public sealed record TemplateWork(
    Hash256 Id,
    uint Height,
    Hash256 PreviousBlock,
    uint Version,
    CompactTarget Bits,
    uint CurrentTime,
    ulong CoinbaseValue,
    ImmutableArray<Hash256> TransactionIdBranch,
    Hash256 WitnessRoot,
    ImmutableArray<Hash256> FullHashBranch,
    int TransactionCount);
