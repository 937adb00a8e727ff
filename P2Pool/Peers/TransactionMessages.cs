using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
/// <param name="Transactions">The others, whole, as bytes: nobody looks into them. Of those received the first <see cref="MostKept"/>.</param>
public sealed record RememberTxMessage(ImmutableArray<Hash256> Known, ImmutableArray<ReadOnlyMemory<byte>> Transactions) : PeerMessage
{
    /// <summary>Transactions kept of a message that came: one more than may be remembered.</summary>
    public const int MostKept = TransactionBook.MostCount + 1;

    private const int SmallestTransaction = 10;

    /// <inheritdoc/>
    public override PeerCommand Command => PeerCommand.RememberTx;

    /// <summary>A message with whole transactions.</summary>
    public static RememberTxMessage Of(IEnumerable<Transaction> transactions) =>
        new([], [.. transactions.Select(transaction => (ReadOnlyMemory<byte>)transaction.ToBytes())]);

    internal static RememberTxMessage Read(ref ByteReader reader)
    {
        var known = ReadHashes(ref reader);
        var count = reader.Count(SmallestTransaction);
        var transactions = new ReadOnlyMemory<byte>[Math.Min(count, MostKept)];
        for (var i = 0; i < count; i++)
        {
            var bytes = Transaction.Skip(ref reader);
            if (i < transactions.Length) transactions[i] = bytes.ToArray();
        }
        return new RememberTxMessage(known, ImmutableCollectionsMarshal.AsImmutableArray(transactions));
    }

    private protected override void Write(ByteWriter writer)
    {
        writer.Hashes(Known.AsSpan()).VarInt((ulong)Transactions.Length);
        foreach (var transaction in Transactions) writer.Bytes(transaction.Span);
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
