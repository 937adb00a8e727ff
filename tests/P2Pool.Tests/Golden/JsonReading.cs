using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Peers;
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
    public static Hash256 Hash(this JsonElement element, string name) => AsHash(element.GetProperty(name));

    public static ImmutableArray<Hash256> Hashes(this JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(AsHash)];

    /// <summary>The same of a value.</summary>
    public static Hash256 AsHash(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Hash256.Parse(value.GetString()),
        JsonValueKind.Number => Hash256.FromNumber(value.GetUInt64()),
        JsonValueKind.Null => Hash256.Zero,
        _ => throw new FormatException("no hash"),
    };

    /// <summary>A host and a port in a list of two; null is nobody.</summary>
    public static PeerEndpoint? AsEndpoint(this JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : new PeerEndpoint(value[0].GetString()!, value[1].GetInt32());

    /// <summary>A decimal number, written as a number or as a string.</summary>
    public static System.Numerics.BigInteger Decimal(this JsonElement element, string name) => AsDecimal(element.GetProperty(name));

    /// <summary>The same of a value.</summary>
    public static System.Numerics.BigInteger AsDecimal(this JsonElement value) => System.Numerics.BigInteger.Parse(
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), CultureInfo.InvariantCulture);

    public static double Real(this JsonElement element, string name) => AsReal(element.GetProperty(name));

    /// <summary>A floating-point number, which must be written with as many digits as tell it from all others and no more.</summary>
    public static double AsReal(this JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        var number = double.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal(Digits(number.ToString("R", CultureInfo.InvariantCulture)), Digits(text));
        return number;
    }

    private static string Digits(string number)
    {
        var end = number.AsSpan().IndexOfAny('e', 'E');
        return (end < 0 ? number : number[..end]).Replace(".", "", StringComparison.Ordinal).Trim('0');
    }

    /// <summary>Fails unless the bytes are those that a text of hex says.</summary>
    public static void IsHexOf(this JsonElement value, ReadOnlySpan<byte> bytes) => Assert.Equal(value.GetString(), Convert.ToHexStringLower(bytes));
}
