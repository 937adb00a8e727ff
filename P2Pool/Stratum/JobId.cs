using System.Buffers.Binary;
using System.Globalization;

namespace Grainpool.P2Pool.Stratum;

/// <summary>Names a job: 64 random bits, written as 16 hex digits. Never given twice, since a miner goes on with the old content of an id it knows.</summary>
/// <param name="Value">The bits.</param>
public readonly record struct JobId(ulong Value)
{
    /// <summary>Characters of the text.</summary>
    public const int TextLength = 16;

    /// <summary>The id in these 8 bytes, which are to be random.</summary>
    public static JobId FromBytes(ReadOnlySpan<byte> random) => new(BinaryPrimitives.ReadUInt64BigEndian(random));

    /// <summary>The id a miner sent back; null for anything that is not 16 hex digits.</summary>
    public static JobId? TryParse(ReadOnlySpan<char> text) =>
        text.Length == TextLength && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? new JobId(value) : null;

    /// <summary>16 lower-case hex digits.</summary>
    public override string ToString() => Value.ToString("x16");
}
