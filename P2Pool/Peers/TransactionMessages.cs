using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Peers;

/// <summary>The header of the best block its sender knows.</summary>
/// <param name="Header">The header; its proof of work is not checked here.</param>
public sealed record BestBlockMessage(BlockHeader Header) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.BestBlock;

    internal static BestBlockMessage Read(ref ByteReader reader) => new(BlockHeader.Read(ref reader));

    private protected override void Write(ByteWriter writer) => Header.Write(writer);
}

/// <summary>Transactions the sender knows.</summary>
/// <param name="Transactions">Hashes of their full bytes.</param>
public sealed record HaveTxMessage(ImmutableArray<Hash256> Transactions) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.HaveTx;

    private protected override void Write(ByteWriter writer) => writer.Hashes(Transactions.AsSpan());
}

/// <summary>Transactions the sender is about to forget.</summary>
/// <param name="Transactions">Hashes of their full bytes.</param>
public sealed record LosingTxMessage(ImmutableArray<Hash256> Transactions) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.LosingTx;

    private protected override void Write(ByteWriter writer) => writer.Hashes(Transactions.AsSpan());
}

/// <summary>Transactions to remember.</summary>
/// <param name="Known">Hashes of those the receiver said it knows.</param>
/// <param name="Transactions">The others, whole.</param>
public sealed record RememberTxMessage(ImmutableArray<Hash256> Known, ImmutableArray<Transaction> Transactions) : PeerMessage
{
    private const int SmallestTransaction = 10;

    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.RememberTx;

    internal static RememberTxMessage Read(ref ByteReader reader)
    {
        var known = ReadHashes(ref reader);
        var transactions = ImmutableArray.CreateBuilder<Transaction>();
        for (var count = reader.Count(SmallestTransaction); count > 0; count--) transactions.Add(Transaction.Read(ref reader));
        return new RememberTxMessage(known, transactions.ToImmutable());
    }

    private protected override void Write(ByteWriter writer)
    {
        writer.Hashes(Known.AsSpan()).VarInt((ulong)Transactions.Length);
        foreach (var transaction in Transactions) transaction.Write(writer);
    }
}

/// <summary>Transactions that need no longer be remembered.</summary>
/// <param name="Transactions">Hashes of their full bytes.</param>
public sealed record ForgetTxMessage(ImmutableArray<Hash256> Transactions) : PeerMessage
{
    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.ForgetTx;

    private protected override void Write(ByteWriter writer) => writer.Hashes(Transactions.AsSpan());
}
