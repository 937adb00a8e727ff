using System.Diagnostics.CodeAnalysis;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>Reads blocks as the daemon reads them from a caller: bytes after the end do not matter.</summary>
internal static class BlockCodec
{
    private const int SmallestTransaction = 10;

    public static bool TryRead(string hex, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        byte[] bytes;
        try
        {
            bytes = Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            return false;
        }
        return TryRead(bytes, out block);
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        try
        {
            var reader = new ByteReader(bytes);
            var header = BlockHeader.Read(ref reader);
            var transactions = new Transaction[reader.Count(SmallestTransaction)];
            for (var i = 0; i < transactions.Length; i++) transactions[i] = Transaction.Read(ref reader);
            var read = new Block(header, [.. transactions]);
            // A witness marker without witnesses, or an odd flag, reads well but does not write back: the daemon refuses those.
            if (!bytes[..reader.Position].SequenceEqual(read.ToBytes())) return false;
            block = read;
            return true;
        }
        catch (WireFormatException)
        {
            return false;
        }
    }
}
