using System.Text.Json;
using System.Text.Json.Serialization;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>The answer to <c>getblockchaininfo</c>, of old daemons and new.</summary>
internal sealed class ChainStateJson
{
    [JsonPropertyName("chain"), JsonRequired] public string Chain { get; init; } = "";
    [JsonPropertyName("blocks"), JsonRequired] public int Blocks { get; init; }
    [JsonPropertyName("headers")] public int Headers { get; init; }
    [JsonPropertyName("bestblockhash"), JsonRequired] public string BestBlockHash { get; init; } = "";
    [JsonPropertyName("initialblockdownload")] public bool InitialBlockDownload { get; init; }
    // A string until version 27, a list of strings after it.
    [JsonPropertyName("warnings")] public JsonElement Warnings { get; init; }
    [JsonPropertyName("softforks")] public JsonElement SoftForks { get; init; }
    [JsonPropertyName("bip9_softforks")] public JsonElement Bip9SoftForks { get; init; }

    public ChainState ToState() => new(
        Chain, Blocks, Headers, Hash256.Parse(BestBlockHash), InitialBlockDownload, Text(Warnings), [.. Names(SoftForks), .. Names(Bip9SoftForks)]);

    private static string Text(JsonElement warnings) => warnings.ValueKind switch
    {
        JsonValueKind.String => warnings.GetString()!,
        JsonValueKind.Array => string.Join("; ", warnings.EnumerateArray().Select(warning => warning.ToString())),
        _ => "",
    };

    // Lists of {"id": name} in the oldest daemons, maps by name in later ones.
    private static IEnumerable<string> Names(JsonElement forks) => forks.ValueKind switch
    {
        JsonValueKind.Object => forks.EnumerateObject().Select(fork => fork.Name),
        JsonValueKind.Array => forks.EnumerateArray()
            .Where(fork => fork.ValueKind == JsonValueKind.Object && fork.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
            .Select(fork => fork.GetProperty("id").GetString()!),
        _ => [],
    };
}
