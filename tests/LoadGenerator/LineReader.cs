using System.Text.Json;

namespace Grainpool.LoadGenerator;

/// <summary>What a line from a pool is.</summary>
internal enum LineKind
{
    /// <summary>Nothing this program understands.</summary>
    Unknown,

    /// <summary>The answer to a request of ours.</summary>
    Answer,

    /// <summary>A call, with an id or without.</summary>
    Call,
}

/// <summary>The members of a line, as ranges of its bytes; a missing one is empty.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">JSON of the id.</param>
/// <param name="Method">Name of the method, without quotes.</param>
/// <param name="Parameters">JSON of the parameters.</param>
/// <param name="Result">JSON of the result.</param>
/// <param name="Error">JSON of the error.</param>
internal readonly record struct LineMembers(LineKind Kind, Range Id, Range Method, Range Parameters, Range Result, Range Error);

/// <summary>Finds the members of lines from pools of any dialect, in whatever order they come, without making objects of them.</summary>
internal static class LineReader
{
    // How our own gateway begins a job: with it the long line is looked at only once.
    private static ReadOnlySpan<byte> UsualJob => "{\"id\":null,\"method\":\"mining.notify\",\"params\":["u8;

    private static readonly Range UsualMethod = 21..34;

    /// <summary>Reads a line.</summary>
    /// <returns>Kind unknown when it is no JSON object.</returns>
    public static LineMembers Read(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith(UsualJob) && line[^1] == (byte)'}')
            return new LineMembers(LineKind.Call, 6..10, UsualMethod, (UsualJob.Length - 1)..(line.Length - 1), default, default);
        try
        {
            return ReadMembers(line);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>Whether a text of JSON without escapes is this word.</summary>
    public static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.SequenceEqual(word);

    private static LineMembers ReadMembers(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return default;
        var members = new LineMembers();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.ValueSpan;
            json.Read();
            var start = (int)json.TokenStartIndex;
            var isText = json.TokenType == JsonTokenType.String;
            json.Skip();
            var value = start..(int)json.BytesConsumed;
            if (name.SequenceEqual("id"u8)) members = members with { Id = value };
            else if (name.SequenceEqual("method"u8) && isText) members = members with { Method = (start + 1)..((int)json.BytesConsumed - 1), Kind = LineKind.Call };
            else if (name.SequenceEqual("params"u8)) members = members with { Parameters = value };
            else if (name.SequenceEqual("result"u8)) members = members with { Result = value, Kind = members.Kind == LineKind.Call ? LineKind.Call : LineKind.Answer };
            else if (name.SequenceEqual("error"u8)) members = members with { Error = value, Kind = members.Kind == LineKind.Call ? LineKind.Call : LineKind.Answer };
        }
        return members;
    }
}
