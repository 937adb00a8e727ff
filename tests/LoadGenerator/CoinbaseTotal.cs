using Grainpool.P2Pool.Primitives;

namespace Grainpool.LoadGenerator;

/// <summary>What a coinbase pays in all, read from the part of it that a job carries before the extranonces.</summary>
internal static class CoinbaseTotal
{
    /// <summary>The sum of all outputs that begin in this part, satoshi; null when it is no coinbase with outputs before the extranonces.</summary>
    public static ulong? Of(ReadOnlySpan<byte> coinbaseHex)
    {
        var bytes = new byte[coinbaseHex.Length / 2];
        if (Convert.FromHexString(coinbaseHex, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return null;
        var reader = new ByteReader(bytes);
        try
        {
            reader.UInt32();
            if (reader.VarInt() != 1) return null;
            reader.Hash();
            reader.UInt32();
            reader.VarString();
            reader.UInt32();
            var outputs = reader.VarInt();
            ulong total = 0;
            for (var i = 0UL; i < outputs; i++)
            {
                total += reader.UInt64();
                // The last output ends behind the extranonces.
                if (i == outputs - 1) break;
                reader.VarString();
            }
            return total;
        }
        catch (WireFormatException)
        {
            return null;
        }
    }
}
