using System.Text.Json;

namespace Grainpool.Orleans.AzureStorage.Files;

/// <summary>A grain's state as a file: one line of JSON that says what it is, then the state as the serializer wrote it.</summary>
/// <param name="Version">Counts writes.</param>
/// <param name="ETag">Differs with each write, also of two writes with one version in two histories.</param>
/// <param name="State">Name of the state.</param>
/// <param name="Grain">The grain's identity.</param>
internal sealed record StateFile(long Version, string ETag, string State, string Grain)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal static (StateFile Header, ReadOnlyMemory<byte> Body) Parse(byte[] content)
    {
        var end = Array.IndexOf(content, (byte)'\n');
        if (end < 0) throw new JsonException("the first line is not complete");
        var header = JsonSerializer.Deserialize<StateFile>(content.AsSpan(0, end), Json) ?? throw new JsonException("the first line is null");
        return (header, content.AsMemory(end + 1));
    }

    internal byte[] With(ReadOnlySpan<byte> body) => [.. JsonSerializer.SerializeToUtf8Bytes(this, Json), (byte)'\n', .. body];

    internal static StateFile Next(StateFile? current, string state, string grain)
    {
        var version = (current?.Version ?? 0) + 1;
        return new StateFile(version, $"{version}-{Guid.NewGuid():N}", state, grain);
    }
}
