using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>Reads the notations of the golden data.</summary>
internal static class JsonReading
{
    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static byte[] Hex(this JsonElement element, string name) => Convert.FromHexString(element.Text(name));

    public static UInt256 Number(this JsonElement element, string name) => UInt256.ParseHex(element.Text(name));

    public static CompactTarget Bits(this JsonElement element, string name) =>
        new(uint.Parse(element.Text(name), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    /// <summary>A hash; null is "none", and a small one stands as a number.</summary>
    public static Hash256 Hash(this JsonElement element, string name) => Hash(element.GetProperty(name));

    public static ImmutableArray<Hash256> Hashes(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(Hash)];

    private static Hash256 Hash(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Hash256.Parse(value.GetString()),
        JsonValueKind.Number => Hash256.FromNumber(value.GetUInt64()),
        _ => Hash256.Zero,
    };

    /// <summary>A decimal number, written as a number or as a string.</summary>
    public static System.Numerics.BigInteger Decimal(this JsonElement element, string name) => element.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.String } text => System.Numerics.BigInteger.Parse(text.GetString()!, CultureInfo.InvariantCulture),
        var number => System.Numerics.BigInteger.Parse(number.GetRawText(), CultureInfo.InvariantCulture),
    };

    public static double Real(this JsonElement element, string name) => double.Parse(element.Text(name), CultureInfo.InvariantCulture);
}
