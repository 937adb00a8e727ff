using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>Where a share's transaction is named first.</summary>
/// <param name="SharesBack">0 for the share itself, 1 for its parent, and so on.</param>
/// <param name="Index">Place among the new transactions of that share. Whether it has so many is a matter of the chain, however large the number is.</param>
public readonly record struct TransactionReference(int SharesBack, ulong Index);

/// <summary>The transactions of the block a share would make, coinbase not counted; only in versions that name them.</summary>
/// <param name="New">Full hashes of those that this share is the first to name.</param>
/// <param name="References">All of them, in the order of the block.</param>
public sealed record NamedTransactions(ImmutableArray<Hash256> New, ImmutableArray<TransactionReference> References)
{
    private const int SmallestReference = 2;

    /// <summary>No transactions.</summary>
    public static NamedTransactions None { get; } = new([], []);

    /// <summary>Reads both lists.</summary>
    /// <remarks>A share further back than a number of 31 bits tells is not told from broken bytes: both end the connection.</remarks>
    /// <exception cref="WireFormatException">Broken or cut bytes.</exception>
    public static NamedTransactions Read(ref ByteReader reader)
    {
        ImmutableArray<Hash256> fresh = [.. reader.Hashes()];
        var references = ImmutableArray.CreateBuilder<TransactionReference>(reader.Count(SmallestReference));
        for (var left = references.Capacity; left > 0; left--) references.Add(new TransactionReference(SharesBack(ref reader), reader.VarInt()));
        return new NamedTransactions(fresh, references.MoveToImmutable());
    }

    /// <summary>Writes both lists.</summary>
    public void Write(ByteWriter writer)
    {
        writer.Hashes(New.AsSpan()).VarInt((ulong)References.Length);
        foreach (var (sharesBack, index) in References) writer.VarInt((ulong)sharesBack).VarInt(index);
    }

    private static int SharesBack(ref ByteReader reader)
    {
        var number = reader.VarInt();
        return number <= int.MaxValue ? (int)number : throw new WireFormatException($"reference {number} shares back before offset {reader.Position}");
    }
}
