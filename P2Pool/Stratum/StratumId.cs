namespace Grainpool.P2Pool.Stratum;

/// <summary>The id of a request, of whatever JSON type, kept as written so that the answer echoes it.</summary>
/// <remarks>Bounded by the line it came in. The miners in use send numbers; all their submits carry the same one.</remarks>
/// <param name="Json">The JSON text; empty stands for null.</param>
public readonly record struct StratumId(ReadOnlyMemory<byte> Json)
{
    /// <summary>No id was given, or it could not be read.</summary>
    public static StratumId Null => default;

    /// <summary>What stands in the answer.</summary>
    public ReadOnlySpan<byte> Text => Json.IsEmpty ? "null"u8 : Json.Span;
}
