using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage.State;

/// <summary>Grain state as plain JSON: readable with any tool, tolerant of added and removed members, free of type names.</summary>
/// <remarks>
/// Orleans' binary format ties the bytes to member numbers that nobody can read in a crash at night; Newtonsoft's writes type names, so that a renamed
/// class loses its state. A type of which nothing would be written is refused instead of being stored as <c>{}</c>.
/// </remarks>
public sealed class GrainStateJson : IGrainStorageSerializer
{
    private readonly JsonSerializerOptions _options;

    /// <summary>Creates the serializer.</summary>
    /// <param name="converters">Converters for domain values, tried before the built-in ones.</param>
    public GrainStateJson(IEnumerable<JsonConverter>? converters = null)
    {
        _options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            RespectRequiredConstructorParameters = true,
            NumberHandling = JsonNumberHandling.Strict,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RefuseEmpty } },
        };
        foreach (var converter in converters ?? []) _options.Converters.Add(converter);
        _options.Converters.Add(new JsonStringEnumConverter());
    }

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, _options));

    /// <inheritdoc/>
    public T Deserialize<T>(BinaryData input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return JsonSerializer.Deserialize<T>(input.ToMemory().Span, _options)!;
    }

    private static void RefuseEmpty(JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Object && type.Properties.Count == 0 && type.PolymorphismOptions is null)
            throw new NotSupportedException($"{type.Type} has no public property, so nothing of it would be stored: give it properties or a JsonConverter.");
    }
}
