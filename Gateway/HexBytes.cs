using System.Collections.Immutable;

namespace Grainpool.Gateway;

/// <summary>Bytes that become hex only when a log line is written.</summary>
internal readonly record struct HexBytes(ImmutableArray<byte> Bytes)
{
    /// <inheritdoc/>
    public override string ToString() => Convert.ToHexStringLower(Bytes.AsSpan());
}
