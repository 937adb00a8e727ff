using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
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
    int TransactionCount)
{
    /// <summary>The least header version: the top bits that announce version bits.</summary>
    public const uint LeastVersion = 0x20000000;

    /// <summary>The work on a template with these transactions, coinbase not counted, in the order of the block.</summary>
    /// <param name="height">Height of the block to be found.</param>
    /// <param name="previousBlock">Tip it builds on.</param>
    /// <param name="version">Header version as the daemon wants it; raised to 0x20000000 (spec: network-3501-work 3.3).</param>
    /// <param name="bits">Block target.</param>
    /// <param name="currentTime">Header time, Unix seconds. Not part of the id: time passing makes no other template.</param>
    /// <param name="coinbaseValue">Subsidy and fees, satoshi.</param>
    /// <param name="transactionIds">Ids of the transactions.</param>
    /// <param name="fullHashes">Hashes of the transactions with their witnesses, in the same order.</param>
    public static TemplateWork Create(
        uint height, Hash256 previousBlock, uint version, CompactTarget bits, uint currentTime, ulong coinbaseValue,
        ReadOnlySpan<Hash256> transactionIds, ReadOnlySpan<Hash256> fullHashes)
    {
        if (transactionIds.Length != fullHashes.Length) throw new ArgumentException("every transaction has an id and a full hash", nameof(fullHashes));
        version = Math.Max(version, LeastVersion);
        // The coinbase stands first; its place holds zero, which is also its witness id by rule.
        Hash256[] ids = [Hash256.Zero, .. transactionIds], hashes = [Hash256.Zero, .. fullHashes];
        var content = new ByteWriter(64 + Hash256.Size * hashes.Length);
        content.UInt32(height).Hash(previousBlock).UInt32(version).UInt32(bits.Bits).UInt64(coinbaseValue).Hashes(fullHashes);
        return new TemplateWork(
            Sha256.Double(content.Written), height, previousBlock, version, bits, currentTime, coinbaseValue,
            Merkle.BranchOfFirst(ids), Merkle.Root(hashes), Merkle.BranchOfFirst(hashes), transactionIds.Length);
    }

    /// <summary>The same from raw transactions, whose hashes are computed here.</summary>
    /// <inheritdoc cref="Create(uint, Hash256, uint, CompactTarget, uint, ulong, ReadOnlySpan{Hash256}, ReadOnlySpan{Hash256})"/>
    /// <exception cref="WireFormatException">A transaction is none.</exception>
    public static TemplateWork Create(
        uint height, Hash256 previousBlock, uint version, CompactTarget bits, uint currentTime, ulong coinbaseValue,
        IReadOnlyList<ImmutableArray<byte>> transactions)
    {
        var ids = new Hash256[transactions.Count];
        var fullHashes = new Hash256[transactions.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = Transaction.Parse(transactions[i].AsSpan()).Id();
            fullHashes[i] = Sha256.Double(transactions[i].AsSpan());
        }
        return Create(height, previousBlock, version, bits, currentTime, coinbaseValue, ids, fullHashes);
    }
}
