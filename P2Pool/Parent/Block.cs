using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Parent;

/// <summary>A block of the parent chain.</summary>
public sealed record Block(BlockHeader Header, ImmutableArray<Transaction> Transactions)
{
    private const int SmallestTransaction = 10;

    /// <summary>The block in exactly these bytes.</summary>
    /// <exception cref="WireFormatException">Broken, cut or left-over bytes.</exception>
    public static Block Parse(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var header = BlockHeader.Read(ref reader);
        var transactions = new Transaction[reader.Count(SmallestTransaction)];
        for (var i = 0; i < transactions.Length; i++) transactions[i] = Transaction.Read(ref reader);
        reader.End();
        return new Block(header, [.. transactions]);
    }

    /// <summary>The bytes, witnesses included.</summary>
    public byte[] ToBytes()
    {
        var writer = new ByteWriter(1024);
        Header.Write(writer);
        writer.VarInt((ulong)Transactions.Length);
        foreach (var transaction in Transactions) transaction.Write(writer);
        return writer.ToArray();
    }
}
