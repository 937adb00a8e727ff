using System.Text.Json;
using System.Text.Json.Serialization;

namespace Grainpool.Daemon;

/// <summary>The fields read from the answer to <c>getblocktemplate</c>, as they stand there.</summary>
internal sealed class TemplateJson
{
    [JsonPropertyName("version"), JsonRequired] public int Version { get; init; }
    [JsonPropertyName("previousblockhash"), JsonRequired] public string PreviousBlockHash { get; init; } = "";
    [JsonPropertyName("transactions"), JsonRequired] public TemplateTransactionJson[] Transactions { get; init; } = [];
    [JsonPropertyName("coinbasevalue"), JsonRequired] public long CoinbaseValue { get; init; }
    [JsonPropertyName("bits"), JsonRequired] public string Bits { get; init; } = "";
    [JsonPropertyName("height"), JsonRequired] public uint Height { get; init; }
    [JsonPropertyName("curtime"), JsonRequired] public uint CurrentTime { get; init; }
    [JsonPropertyName("mintime")] public uint MinimumTime { get; init; }
    [JsonPropertyName("rules")] public string[] Rules { get; init; } = [];
    [JsonPropertyName("longpollid")] public string? LongPollId { get; init; }
    [JsonPropertyName("coinbaseflags")] public string? CoinbaseFlags { get; init; }
    [JsonPropertyName("coinbaseaux")] public Dictionary<string, JsonElement>? CoinbaseAuxiliary { get; init; }
    [JsonPropertyName("weightlimit")] public int WeightLimit { get; init; } = 4_000_000;
    [JsonPropertyName("sigoplimit")] public int SigOpLimit { get; init; } = 80_000;
}

/// <summary>One transaction of a template, as it stands there.</summary>
internal sealed class TemplateTransactionJson
{
    [JsonPropertyName("data"), JsonRequired] public string Data { get; init; } = "";
    [JsonPropertyName("txid")] public string? Id { get; init; }
    [JsonPropertyName("hash")] public string? Hash { get; init; }
    [JsonPropertyName("fee")] public long? Fee { get; init; }
    [JsonPropertyName("weight")] public int Weight { get; init; }
    [JsonPropertyName("sigops")] public int SigOps { get; init; }
}
