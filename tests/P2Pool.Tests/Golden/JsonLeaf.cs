using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>A value at the end of a JSON text, or a name that is itself a value (a payee, a hash), and where it stands in the text.</summary>
/// <param name="Kind">The path with "#" for indexes and "*" for names that are values.</param>
/// <param name="Start">Offset of the token.</param>
/// <param name="Length">Bytes of the token, quotes included.</param>
/// <param name="Type">What it is.</param>
/// <param name="Digit">Which byte of the token changes, where only one does.</param>
internal readonly record struct JsonLeaf(string Kind, int Start, int Length, JsonTokenType Type, int Digit)
{
    // Bytes in hex are longer than a hash with its quotes.
    private const int LongestHash = 66;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    // Names of members are shorter, or made of words.
    private const int LongestWord = 25;

    /// <summary>All leaves of a text. Long hex is two leaves, one changed at its middle and one at its end.</summary>
    public static List<JsonLeaf> Of(ReadOnlySpan<byte> text)
    {
        var leaves = new List<JsonLeaf>();
        var path = new Stack<(string Prefix, bool IsArray)>();
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 256 });
        var here = "";
        while (reader.Read())
        {
            var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    path.Push((here, reader.TokenType == JsonTokenType.StartArray));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    here = path.Pop().Prefix;
                    continue;
                case JsonTokenType.PropertyName:
                    var name = reader.GetString()!;
                    if (IsValue(name))
                    {
                        name = "*";
                        var close = start + reader.ValueSpan.Length + 2;
                        leaves.Add(new JsonLeaf(Joined(path.Peek().Prefix, "* (name)"), start, close - start, JsonTokenType.PropertyName, close - start - 2));
                    }
                    here = Joined(path.Peek().Prefix, name);
                    continue;
                default:
                    var length = end - start;
                    var isBytes = length > LongestHash && !text[(start + 1)..(end - 1)].ContainsAnyExcept(HexDigits);
                    if (isBytes) leaves.Add(new JsonLeaf(here, start, length, reader.TokenType, length / 2));
                    leaves.Add(new JsonLeaf(isBytes ? here + " (end)" : here, start, length, reader.TokenType, reader.TokenType == JsonTokenType.Number ? length - 1 : length - 2));
                    break;
            }
            if (path.Count > 0 && path.Peek().IsArray) here = Joined(path.Peek().Prefix, "#");
        }
        return leaves;
    }

    /// <summary>The text with this leaf changed a little: a digit, a character, a truth.</summary>
    public byte[] Changed(byte[] text)
    {
        var old = text.AsSpan(Start, Length);
        switch (Type)
        {
            case JsonTokenType.True: return With(text, "false"u8);
            case JsonTokenType.False: return With(text, "true"u8);
            case JsonTokenType.Null: return With(text, "\"1111111111111111111111111111111111111111111111111111111111111111\""u8);
            case JsonTokenType.Number: return WithDigit(text);
            default:
                if (old.Length == 2) return With(text, "\"00\""u8);
                // Behind an escape or within a character of several bytes another one is put at the end.
                return old.Contains((byte)'\\') || old[^2] >= 0x80 ? With(text, [.. old[..^1], (byte)'x', (byte)'"']) : WithDigit(text);
        }
    }

    internal static string Joined(string prefix, string name) => prefix.Length == 0 || name.Length == 0 || name[0] == ' ' ? prefix + name : $"{prefix}.{name}";

    // Payees of made-up shares have short ones, such as addr-a.
    private static bool IsValue(string name) => name is [.., '-', _] || (name.Length > LongestWord && !name.Contains('_', StringComparison.Ordinal)) || name.All(char.IsAsciiDigit);

    private byte[] WithDigit(byte[] text)
    {
        var changed = text.ToArray();
        ref var digit = ref changed[Start + Digit];
        digit = digit switch
        {
            (byte)'0' => (byte)'1',
            >= (byte)'1' and <= (byte)'9' => (byte)(digit - 1),
            (byte)'f' => (byte)'e',
            >= (byte)'a' and < (byte)'f' => (byte)(digit + 1),
            (byte)'x' => (byte)'y',
            _ => (byte)'x',
        };
        return changed;
    }

    private byte[] With(byte[] text, ReadOnlySpan<byte> other) => [.. text.AsSpan(0, Start), .. other, .. text.AsSpan(Start + Length)];

    /// <summary>What is changed, for people.</summary>
    public string In(byte[] text) => $"{Kind} = {Encoding.UTF8.GetString(text.AsSpan(Start, Math.Min(Length, 90)))}";
}
