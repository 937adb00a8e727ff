using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>Turns a template's JSON into values, and refuses what cannot be one.</summary>
internal static class TemplateReader
{
    // Lowest weight of a transaction is 240 (60 bytes without witness), so a block of 4,000,000 holds fewer than these.
    private const int MostTransactions = 4_000_000 / 240;
    private const long MostCoins = 84_000_000L * 100_000_000L;

    /// <exception cref="FormatException">A field holds what no template can hold.</exception>
    /// <exception cref="WireFormatException">A transaction is broken.</exception>
    public static BlockTemplate Read(TemplateJson json)
    {
        if (json.Transactions.Length > MostTransactions) throw new FormatException($"{json.Transactions.Length} transactions");
        if (json.Transactions.Contains(null!) || json.Rules.Contains(null!)) throw new FormatException("null in a list");
        if (json.CoinbaseValue is < 0 or > MostCoins) throw new FormatException($"coinbasevalue {json.CoinbaseValue}");
        if (json.Height == 0) throw new FormatException("height 0");
        var bits = ReadBits(json.Bits);
        var previous = json.PreviousBlockHash.Length == 64
            ? Hash256.Parse(json.PreviousBlockHash)
            : throw new FormatException("previousblockhash has not 64 digits");
        return new BlockTemplate(
            json.Height, previous, unchecked((uint)json.Version), bits, json.CurrentTime, json.MinimumTime, json.CoinbaseValue,
            [.. json.Transactions.Select(Read)], [.. json.Rules], ReadFlags(json), json.LongPollId, json.WeightLimit, json.SigOpLimit);
    }

    private static CompactTarget ReadBits(string text)
    {
        if (text.Length != 8 || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw new FormatException("bits is not 8 hex digits");
        var bits = new CompactTarget(code);
        // The daemon reads the top mantissa bit as a sign and refuses exponents that overflow; neither occurs in a real template.
        return (code & 0x800000) != 0 || code >> 24 > 33 || bits.ToTarget().IsZero ? throw new FormatException($"bits {text} is no target") : bits;
    }

    private static TemplateTransaction Read(TemplateTransactionJson json)
    {
        var data = Convert.FromHexString(json.Data);
        var hash = Sha256.Double(data);
        // Without witness both names are one; with it the id needs the transaction taken apart.
        var id = IsWithoutWitness(data) ? hash : Transaction.Parse(data).Id();
        if (json.Hash is { } givenHash && Hash256.Parse(givenHash) != hash) throw new FormatException($"hash {givenHash} is not that of its data");
        if (json.Id is { } givenId && Hash256.Parse(givenId) != id) throw new FormatException($"txid {givenId} is not that of its data");
        if (json.Fee is < 0 or > MostCoins) throw new FormatException($"fee {json.Fee}");
        return new TemplateTransaction(ImmutableCollectionsMarshal.AsImmutableArray(data), id, hash, json.Fee, json.Weight, json.SigOps);
    }

    private static bool IsWithoutWitness(byte[] data) => data.Length > 4 && data[4] != 0;

    private static ImmutableArray<byte> ReadFlags(TemplateJson json)
    {
        if (json.CoinbaseFlags is { } flags) return [.. Convert.FromHexString(flags)];
        return json.CoinbaseAuxiliary is null
            ? []
            : [.. json.CoinbaseAuxiliary.Values.Where(value => value.ValueKind == JsonValueKind.String).SelectMany(value => Convert.FromHexString(value.GetString()!))];
    }
}
