using System.Security.Cryptography;
using System.Text;

namespace Grainpool.Orleans.AzureStorage.State;

/// <summary>Turns any bytes into a name that is good for a file and for a blob, distinct for distinct bytes.</summary>
/// <remarks>
/// Lower-case letters, digits, hyphen and underscore stand for themselves; every other byte, upper-case letters too (file systems may not tell
/// case apart), becomes <c>=xx</c>. A name that would grow too long is cut and ends in <c>~</c> and the SHA-256 of all bytes. No name is empty,
/// begins with a dot, or is a device name of Windows.
/// </remarks>
internal static class StoredName
{
    /// <summary>With prefix folders and suffix well under the 255 bytes of a file name and the 1,024 characters of a blob name.</summary>
    internal const int MaxLength = 160;

    private const int HashLength = 64;
    private const int ReadableLength = MaxLength - HashLength - 1;

    private static readonly HashSet<string> DeviceNames =
        ["con", "prn", "aux", "nul", .. Enumerable.Range(0, 10).SelectMany(i => new[] { $"com{i}", $"lpt{i}" })];

    internal static string Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    internal static string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "=";
        var name = new StringBuilder();
        foreach (var value in bytes)
        {
            if (IsPlain(value)) name.Append((char)value);
            else name.Append('=').Append(Convert.ToHexStringLower([value]));
            if (name.Length > MaxLength)
                return $"{CutBetweenEscapes(name)}~{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        }

        var whole = name.ToString();
        return DeviceNames.Contains(whole) ? $"={Convert.ToHexStringLower([bytes[0]])}{whole[1..]}" : whole;
    }

    private static bool IsPlain(byte value) => value is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'_';

    private static string CutBetweenEscapes(StringBuilder name)
    {
        var length = ReadableLength;
        for (var back = 1; back <= 2; back++)
            if (name[length - back] == '=') length -= back;
        return name.ToString(0, length);
    }
}
