using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Grainpool.P2Pool.Stratum;

/// <summary>Understands lines from miners. Never throws: whatever the bytes are, there is something to answer.</summary>
public static class StratumReader
{
    private const int MaxDepth = 8;
    private const int MaxParameters = 16;
    private const int MaxExtensions = 16;
    private const int MaxExtensionName = 64;
    private const int MaxUserAgent = 200;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    private static readonly StratumError ParamsNotAList = new(StratumErrorCode.InvalidRequest, "params must be a list");

    /// <summary>Reads a line without its end.</summary>
    /// <param name="line">Kept by the id of the message, so not to be written to again.</param>
    /// <returns>Null for an empty line, which is not answered: miners break the connection on an empty line themselves.</returns>
    public static StratumMessage? Read(ReadOnlyMemory<byte> line)
    {
        if (line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) return null;
        try
        {
            return ReadEnvelope(line);
        }
        // InvalidOperationException is what the reader throws for text that is not UTF-8 or half a surrogate pair.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return new StratumFault(StratumId.Null, StratumError.NotJson);
        }
    }

    private static StratumMessage ReadEnvelope(ReadOnlyMemory<byte> line)
    {
        var json = new Utf8JsonReader(line.Span, Options);
        json.Read();
        var isObject = json.TokenType == JsonTokenType.StartObject;
        var envelope = new Envelope();
        if (isObject) ReadMembers(ref json, line, ref envelope);
        else json.Skip();
        if (json.Read()) throw new JsonException("something follows the message");

        if (!isObject) return new StratumFault(StratumId.Null, StratumError.NotARequest);
        if (!envelope.HasMethod) return envelope.IsAnswer ? StratumAnswer.Instance : new StratumFault(envelope.Id, StratumError.NotARequest);
        if (envelope.Method is null) return new StratumFault(envelope.Id, StratumError.NotARequest);
        return ReadRequest(envelope.Id, envelope.Method, envelope.Parameters);
    }

    private static void ReadMembers(ref Utf8JsonReader json, ReadOnlyMemory<byte> line, ref Envelope envelope)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isId = json.ValueTextEquals("id"u8);
            var isMethod = json.ValueTextEquals("method"u8);
            var isParams = json.ValueTextEquals("params"u8);
            envelope.IsAnswer |= json.ValueTextEquals("result"u8) || json.ValueTextEquals("error"u8);
            json.Read();
            var start = (int)json.TokenStartIndex;
            if (isMethod)
            {
                envelope.HasMethod = true;
                envelope.Method = json.TokenType == JsonTokenType.String ? json.GetString() : null;
            }
            json.Skip();
            var value = line[start..(int)json.BytesConsumed];
            if (isId) envelope.Id = new StratumId(value);
            if (isParams) envelope.Parameters = value;
        }
    }

    private static StratumMessage ReadRequest(StratumId id, string method, ReadOnlyMemory<byte> parameters)
    {
        if (!IsList(parameters.Span)) return new StratumFault(id, ParamsNotAList);
        return method switch
        {
            "mining.submit" => ReadSubmit(id, Texts(parameters.Span)),
            "mining.subscribe" => ReadSubscribe(id, Texts(parameters.Span)),
            "mining.authorize" => ReadAuthorize(id, Texts(parameters.Span)),
            "mining.configure" => new ConfigureRequest(id, ReadExtensions(parameters.Span)),
            "mining.extranonce.subscribe" => new ExtranonceSubscribeRequest(id),
            "mining.suggest_difficulty" => ReadSuggestion(id, parameters.Span),
            _ => new StratumFault(id, new StratumError(StratumErrorCode.MethodNotFound, "Method not found")),
        };
    }

    private static SubscribeRequest ReadSubscribe(StratumId id, string?[] texts)
    {
        var agent = texts.Length > 0 ? texts[0] : null;
        return new SubscribeRequest(id, agent?.Length > MaxUserAgent ? agent[..MaxUserAgent] : agent, texts.Length > 1 ? texts[1] : null);
    }

    private static StratumMessage ReadAuthorize(StratumId id, string?[] texts) => texts is [{ } user, ..]
        ? new AuthorizeRequest(id, user)
        : Faulty(id, "mining.authorize takes [user name, password]");

    private static StratumMessage ReadSubmit(StratumId id, string?[] texts)
    {
        if (texts.Length is < 5 or > 6 || texts.AsSpan(0, 5).Contains(null))
            return Faulty(id, "mining.submit takes five texts: user name, job, extranonce2, time, nonce");
        var bits = texts.Length == 6 ? Word(texts[5]) : 0;
        return new SubmitRequest(id, texts[0]!, JobId.TryParse(texts[1]), Word(texts[2]), Word(texts[3]), Word(texts[4]), bits);
    }

    private static StratumMessage ReadSuggestion(StratumId id, ReadOnlySpan<byte> parameters)
    {
        var json = new Utf8JsonReader(parameters, Options);
        json.Read();
        json.Read();
        var difficulty = json.TokenType switch
        {
            JsonTokenType.Number => json.GetDouble(),
            JsonTokenType.String when double.TryParse(json.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
            _ => 0,
        };
        return difficulty > 0 && double.IsFinite(difficulty)
            ? new SuggestDifficultyRequest(id, difficulty)
            : Faulty(id, "mining.suggest_difficulty takes a number above 0");
    }

    private static ImmutableArray<string> ReadExtensions(ReadOnlySpan<byte> parameters)
    {
        var json = new Utf8JsonReader(parameters, Options);
        json.Read();
        json.Read();
        var names = ImmutableArray.CreateBuilder<string>();
        if (json.TokenType != JsonTokenType.StartArray) return [];
        while (names.Count < MaxExtensions && json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String && json.GetString() is { Length: <= MaxExtensionName } name && !names.Contains(name)) names.Add(name);
            json.Skip();
        }
        return names.DrainToImmutable();
    }

    // The first parameters; null stands for one that is not a text.
    private static string?[] Texts(ReadOnlySpan<byte> parameters)
    {
        if (parameters.IsEmpty) return [];
        var texts = new List<string?>(6);
        var json = new Utf8JsonReader(parameters, Options);
        json.Read();
        while (texts.Count < MaxParameters && json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(json.TokenType == JsonTokenType.String ? json.GetString() : null);
            json.Skip();
        }
        return [.. texts];
    }

    // Missing parameters are as good as an empty list.
    private static bool IsList(ReadOnlySpan<byte> parameters) => parameters.IsEmpty || parameters[0] == '[';

    private static uint? Word(ReadOnlySpan<char> text) =>
        text.Length == 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static StratumFault Faulty(StratumId id, string text) => new(id, new StratumError(StratumErrorCode.InvalidParameters, text));

    private ref struct Envelope
    {
        public StratumId Id;
        public bool HasMethod;
        public string? Method;
        public bool IsAnswer;
        public ReadOnlyMemory<byte> Parameters;
    }
}
