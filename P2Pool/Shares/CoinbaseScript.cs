using System.Collections.Immutable;

namespace Grainpool.P2Pool.Shares;

/// <summary>The input script of our coinbases: the block's height and nothing else.</summary>
public static class CoinbaseScript
{
    /// <summary>A push of the height, with an empty push behind it where that alone would be shorter than a coinbase script may be.</summary>
    public static ImmutableArray<byte> ForHeight(uint height)
    {
        var push = PushOf(height);
        return push.Length >= ShareCheck.ShortestCoinbaseScript ? push : [.. push, 0];
    }

    /// <summary>The block height a coinbase script begins with; null when it begins with no number that can be one. For display.</summary>
    public static uint? HeightOf(ReadOnlySpan<byte> script)
    {
        if (script.IsEmpty) return null;
        if (script[0] is >= 0x51 and <= 0x60) return script[0] - 0x50u;
        var length = script[0];
        if (length is 0 or > 5 || script.Length <= length || script[length] >= 0x80) return null;
        ulong height = 0;
        for (var i = length; i > 0; i--) height = height << 8 | script[i];
        return height <= uint.MaxValue ? (uint)height : null;
    }

    /// <summary>Script that pushes a number: a single opcode up to 16, else minimal little-endian bytes with room for the sign.</summary>
    internal static ImmutableArray<byte> PushOf(uint number)
    {
        if (number == 0) return [0];
        if (number <= 16) return [(byte)(0x50 + number)];
        var bytes = new List<byte>();
        for (var rest = number; rest > 0; rest >>= 8) bytes.Add((byte)rest);
        if (bytes[^1] >= 0x80) bytes.Add(0);
        return [(byte)bytes.Count, .. bytes];
    }
}
