namespace Grainpool.Devnet.Rpc;

/// <summary>An error as JSON-RPC answers it.</summary>
/// <param name="Code">Such as −32601.</param>
/// <param name="Message">The daemon's text.</param>
public sealed record RpcError(int Code, string Message)
{
    /// <summary>The call is no JSON.</summary>
    public static RpcError Parse(string message = "Parse error") => new(-32700, message);

    /// <summary>The call is JSON, but no call.</summary>
    public static RpcError InvalidRequest(string message) => new(-32600, message);

    /// <summary>No such method.</summary>
    public static RpcError MethodNotFound { get; } = new(-32601, "Method not found");

    /// <summary>A parameter has the wrong value.</summary>
    public static RpcError InvalidParameter(string message) => new(-8, message);

    /// <summary>A parameter has the wrong type.</summary>
    public static RpcError WrongType(string message) => new(-3, message);

    /// <summary>Too few or too many parameters.</summary>
    public static RpcError Usage(string message) => new(-1, message);

    /// <summary>Something named was not found.</summary>
    public static RpcError NotFound(string message) => new(-5, message);

    /// <summary>Bytes could not be read.</summary>
    public static RpcError Deserialization(string message) => new(-22, message);

    /// <summary>The HTTP status vertcoind sends with it.</summary>
    public int HttpStatus => Code switch { -32600 => 400, -32601 => 404, _ => 500 };
}
