using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Dashboard;

/// <summary>How values are spelt in answers.</summary>
internal static class Json
{
    /// <summary>snake_case names, hashes as text, 256-bit numbers as bare decimal digits, no NaN and no infinity.</summary>
    public static JsonSerializerOptions Legacy { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new HashConverter(), new NumberConverter(), new FiniteConverter() },
    };

    /// <summary>camelCase names, enumerations as text; otherwise the same.</summary>
    public static JsonSerializerOptions V1 { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new HashConverter(), new NumberConverter(), new FiniteConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private sealed class HashConverter : JsonConverter<Hash256>
    {
        public override Hash256 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Hash256.Parse(reader.GetString());

        public override void Write(Utf8JsonWriter writer, Hash256 value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class NumberConverter : JsonConverter<UInt256>
    {
        public override UInt256 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("256-bit numbers are only written");

        public override void Write(Utf8JsonWriter writer, UInt256 value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.ToBigInteger().ToString(CultureInfo.InvariantCulture));
    }

    // JSON knows no NaN and no infinity; clients take null for "unknown".
    private sealed class FiniteConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
