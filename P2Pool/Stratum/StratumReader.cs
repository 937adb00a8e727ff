using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Grainpool.P2Pool.Primitives;

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

    private static readonly byte[] NoParameters = [.. "[]"u8];
    private static readonly StratumError ParamsNotAList = new(StratumErrorCode.InvalidRequest, "params must be a list");

    /// <summary>Reads a line without its end.</summary>
    /// <param name="line">Kept by the id of the message, so not to be written to again.</param>
    /// <returns>Null for an empty line, which is not answered: miners break the connection on an empty line themselves.</returns>
    public static StratumMessage? Read(ReadOnlyMemory<byte> line)
    {
        if (line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) return null;
        // The reader looks only at texts that somebody asks for; an id goes back as it came.
        if (!Utf8.IsValid(line.Span)) return new StratumFault(StratumId.Null, StratumError.NotUtf8);
        try
        {
            return ReadEnvelope(line);
        }
        // InvalidOperationException is what the reader throws for half a surrogate pair.
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
        if (!envelope.HasMethod) return envelope.IsAnswer ? new StratumAnswer(envelope.ResultText) : new StratumFault(envelope.Id, StratumError.NotARequest);
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
            var isResult = json.ValueTextEquals("result"u8);
            envelope.IsAnswer |= isResult || json.ValueTextEquals("error"u8);
            json.Read();
            if (isResult && json.TokenType == JsonTokenType.String) envelope.ResultText = Cut(json.GetString()!);
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
        // Missing parameters are as good as an empty list.
        if (parameters.IsEmpty) parameters = NoParameters;
        if (parameters.Span[0] != '[') return new StratumFault(id, ParamsNotAList);
        return method switch
        {
            "mining.submit" => ReadSubmit(id, Texts(parameters.Span)),
            "mining.subscribe" => ReadSubscribe(id, Texts(parameters.Span)),
            "mining.authorize" => ReadAuthorize(id, Texts(parameters.Span)),
            "mining.configure" => ReadConfigure(id, parameters.Span),
            "mining.extranonce.subscribe" => new ExtranonceSubscribeRequest(id),
            "mining.suggest_difficulty" => ReadSuggestion(id, parameters.Span),
            "mining.suggest_target" => ReadTarget(id, Texts(parameters.Span)),
            "mining.get_version" or "client.get_version" => new GetVersionRequest(id),
            "mining.ping" or "ping" => new PingRequest(id),
            _ => new StratumFault(id, new StratumError(StratumErrorCode.MethodNotFound, "Method not found")),
        };
    }

    private static SubscribeRequest ReadSubscribe(StratumId id, string?[] texts)
    {
        var agent = texts.Length > 0 ? texts[0] : null;
        return new SubscribeRequest(id, agent is null ? null : Cut(agent), texts.Length > 1 ? texts[1] : null);
    }

    private static StratumMessage ReadAuthorize(StratumId id, string?[] texts) => texts is [{ } user, ..]
        ? new AuthorizeRequest(id, user, texts.Length > 1 ? texts[1] ?? "" : "")
        : Faulty(id, "mining.authorize takes [user name, password]");

    private static StratumMessage ReadSubmit(StratumId id, string?[] texts)
    {
        if (texts.Length is < 5 or > 6 || texts.AsSpan(0, 5).Contains(null))
            return Faulty(id, "mining.submit takes five texts: user name, job, extranonce2, time, nonce");
        var givesVersion = texts.Length == 6;
        var bits = givesVersion ? Word(texts[5]) : 0;
        return new SubmitRequest(id, texts[0]!, JobId.TryParse(texts[1]), Word(texts[2]), Word(texts[3]), Word(texts[4]), bits, givesVersion);
    }

    private static StratumMessage ReadSuggestion(StratumId id, ReadOnlySpan<byte> parameters)
    {
        var json = new Utf8JsonReader(parameters, Options);
        json.Read();
        json.Read();
        var difficulty = NumberOf(ref json);
        return difficulty > 0 && double.IsFinite(difficulty)
            ? new SuggestDifficultyRequest(id, difficulty)
            : Faulty(id, "mining.suggest_difficulty takes a number above 0");
    }

    private static StratumMessage ReadTarget(StratumId id, string?[] texts)
    {
        const int digits = 64;
        return texts is [{ Length: > 0 and <= digits } text, ..] && text.All(char.IsAsciiHexDigit) && UInt256.ParseHex(text.PadLeft(digits, '0')) is { IsZero: false } target
            ? new SuggestTargetRequest(id, target)
            : Faulty(id, "mining.suggest_target takes a target above 0 in hex");
    }

    private static ConfigureRequest ReadConfigure(StratumId id, ReadOnlySpan<byte> parameters)
    {
        var json = new Utf8JsonReader(parameters, Options);
        json.Read();
        json.Read();
        var names = ReadExtensions(ref json);
        if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray) json.Read();

        // Anything unreadable is as good as missing: what is not agreed is not used.
        var (mask, least) = (uint.MaxValue, (double?)null);
        if (json.TokenType == JsonTokenType.StartObject)
        {
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isMask = json.ValueTextEquals("version-rolling.mask"u8);
                var isLeast = json.ValueTextEquals("minimum-difficulty.value"u8);
                json.Read();
                if (isMask) mask = json.TokenType == JsonTokenType.String ? MaskOf(json.GetString()) : 0;
                if (isLeast) least = NumberOf(ref json) is > 0 and var value && double.IsFinite(value) ? value : null;
                json.Skip();
            }
        }
        return new ConfigureRequest(id, names, mask, least);
    }

    // Leaves the reader at the end of the list, or where it was when there is none.
    private static ImmutableArray<string> ReadExtensions(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray) return [];
        var names = ImmutableArray.CreateBuilder<string>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.String && names.Count < MaxExtensions
                && json.GetString() is { Length: <= MaxExtensionName } name && !names.Contains(name)) names.Add(name);
            json.Skip();
        }
        return names.DrainToImmutable();
    }

    private static uint MaskOf(ReadOnlySpan<char> text) =>
        text.Length <= 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static double NumberOf(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.Number => json.GetDouble(),
        JsonTokenType.String when double.TryParse(json.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        _ => 0,
    };

    private static string Cut(string text) => text.Length > MaxUserAgent ? text[..MaxUserAgent] : text;

    // The first parameters; null stands for one that is not a text.
    private static string?[] Texts(ReadOnlySpan<byte> parameters)
    {
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

    private static uint? Word(ReadOnlySpan<char> text) =>
        text.Length == 8 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static StratumFault Faulty(StratumId id, string text) => new(id, new StratumError(StratumErrorCode.InvalidParameters, text));

    private ref struct Envelope
    {
        public StratumId Id;
        public bool HasMethod;
        public string? Method;
        public bool IsAnswer;
        public string? ResultText;
        public ReadOnlyMemory<byte> Parameters;
    }
}
