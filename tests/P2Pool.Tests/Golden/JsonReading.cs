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

    /// <summary>A hash; null is "none".</summary>
    public static Hash256 Hash(this JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? Hash256.Parse(value.GetString()) : Hash256.Zero;

    public static ImmutableArray<Hash256> Hashes(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(item => Hash256.Parse(item.GetString()))];

    /// <summary>A decimal number, written as a number or as a string.</summary>
    public static System.Numerics.BigInteger Decimal(this JsonElement element, string name) => element.GetProperty(name) switch
    {
        { ValueKind: JsonValueKind.String } text => System.Numerics.BigInteger.Parse(text.GetString()!, CultureInfo.InvariantCulture),
        var number => System.Numerics.BigInteger.Parse(number.GetRawText(), CultureInfo.InvariantCulture),
    };

    public static double Real(this JsonElement element, string name) => double.Parse(element.Text(name), CultureInfo.InvariantCulture);
}
