using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Work;

/// <summary>A share that lacks only what a miner finds. Small enough to be kept by the ten thousand: no coinbase bytes, only their midstate.</summary>
/// <param name="Builder">The work it is for, shared by all drafts of that work.</param>
/// <param name="Info">What the coinbase commits to.</param>
/// <param name="ReferenceHash">Hash of the info, as the coinbase carries it.</param>
/// <param name="Coinbase">The front of the coinbase.</param>
public sealed record ShareDraft(ShareBuilder Builder, ShareInfo Info, Hash256 ReferenceHash, HashLink Coinbase)
{
    /// <summary>The coinbase after the bytes the miner varies: the lock time.</summary>
    public static ReadOnlySpan<byte> Coinbase2 => [0, 0, 0, 0];

    /// <summary>Target a header must meet to make the share.</summary>
    public UInt256 Target => Info.Bits.ToTarget();

    /// <summary>The header a miner's answer stands for: what the proof of work is computed of.</summary>
    /// <param name="version">Header version, rolled bits included.</param>
    /// <param name="time">Header time, Unix seconds.</param>
    /// <param name="nonce">Header nonce.</param>
    /// <param name="lastTxOutNonce">The eight bytes of the coinbase, read as a little-endian number.</param>
    public BlockHeader Header(uint version, uint time, uint nonce, ulong lastTxOutNonce)
    {
        Span<byte> tail = stackalloc byte[GenerationTransaction.TailSize];
        GenerationTransaction.WriteTail(tail, ReferenceHash, lastTxOutNonce);
        var coinbase = Coinbase.Finish(tail, Builder.FrontEnding);
        var template = Builder.Work.Template;
        return new BlockHeader(
            version, template.PreviousBlock, Merkle.Apply(coinbase, template.TransactionIdBranch.AsSpan()), time, template.Bits, nonce);
    }

    /// <summary>The share a miner's answer makes; parameters as in <see cref="Header"/>.</summary>
    public Share Solve(uint version, uint time, uint nonce, ulong lastTxOutNonce)
    {
        var template = Builder.Work.Template;
        var header = new ShareHeader(version, template.PreviousBlock, time, template.Bits, nonce);
        return new Share(Builder.Version, header, Info, [], lastTxOutNonce, Coinbase, template.FullHashBranch);
    }

    /// <summary>The bytes of the block a miner's answer makes, witnesses included; header parameters as in <see cref="Header"/>.</summary>
    /// <param name="version">Header version.</param>
    /// <param name="time">Header time.</param>
    /// <param name="nonce">Header nonce.</param>
    /// <param name="lastTxOutNonce">The eight bytes of the coinbase.</param>
    /// <param name="transactions">Raw transactions of the template, in its order.</param>
    public byte[] Block(uint version, uint time, uint nonce, ulong lastTxOutNonce, IReadOnlyList<ImmutableArray<byte>> transactions)
    {
        var writer = new ByteWriter(BlockHeader.Size + transactions.Sum(transaction => transaction.Length) + 4096);
        Header(version, time, nonce, lastTxOutNonce).Write(writer);
        writer.VarInt((ulong)transactions.Count + 1);
        GenerationTransaction.WithWitness(Builder.Coinbase(Info, ReferenceHash, lastTxOutNonce)).Write(writer);
        foreach (var transaction in transactions) writer.Bytes(transaction.AsSpan());
        return writer.ToArray();
    }
}
