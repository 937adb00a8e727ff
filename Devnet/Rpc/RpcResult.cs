using System.Text.Json.Nodes;

namespace Grainpool.Devnet.Rpc;

/// <summary>What a method answers: a result, which may be null, or an error.</summary>
public readonly record struct RpcResult(JsonNode? Result, RpcError? Error)
{
    /// <summary>A result.</summary>
    public static RpcResult Of(JsonNode? result) => new(result, null);

    /// <summary>An error.</summary>
    public static implicit operator RpcResult(RpcError error) => new(null, error);

    /// <summary>A result that is a JSON object.</summary>
    public static implicit operator RpcResult(JsonObject result) => new(result, null);
}
