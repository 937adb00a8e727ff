namespace Grainpool.P2Pool.Primitives;

/// <summary>Bytes from outside break the format. The one exception that parsers of this assembly throw; caught where the bytes came in.</summary>
public sealed class WireFormatException : Exception
{
    /// <summary>With a text that says what was wrong and where.</summary>
    public WireFormatException(string message) : base(message)
    {
    }
}
