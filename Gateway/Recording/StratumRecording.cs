using System.Text;
using System.Text.Json;

namespace Grainpool.Gateway.Recording;

/// <summary>The recording of a miner's connection: each line as it stood, and as JSON where it is any. Passwords are left out.</summary>
internal sealed class StratumRecording(RecordingSettings settings, RecordingFile file, string miner, Action ended) : IDisposable
{
    private const string Login = "mining.authorize";
    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 16 };

    private int _isOver;

    /// <summary>Completes when everything is in the file.</summary>
    public Task Written => file.Written;

    /// <summary>A line that came, without its end.</summary>
    public void Received(ReadOnlyMemory<byte> line) => Add("in", line);

    /// <summary>A line that went out; its end is left out.</summary>
    public void Sent(ReadOnlyMemory<byte> line) => Add("out", line.Span is [.., (byte)'\n'] ? line[..^1] : line);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0) return;
        file.Dispose();
        ended();
    }

    private void Add(string direction, ReadOnlyMemory<byte> line) => file.Add(json =>
    {
        json.WriteString("miner", miner);
        json.WriteString("dir", direction);
        if (line.Length > settings.LongestMessage)
        {
            json.WriteNumber("bytes", line.Length);
            return;
        }
        using var decoded = Decode(line);
        if (decoded is not null && IsLogin(decoded.RootElement, out var parameters))
        {
            var plain = WithoutPassword(decoded.RootElement, parameters);
            json.WriteString("line", plain);
            json.WritePropertyName("decoded");
            json.WriteRawValue(plain);
            return;
        }
        json.WriteString("line", Encoding.UTF8.GetString(line.Span));
        if (decoded is null) return;
        json.WritePropertyName("decoded");
        decoded.RootElement.WriteTo(json);
    });

    private static bool IsLogin(JsonElement message, out JsonElement parameters)
    {
        parameters = default;
        return message.ValueKind == JsonValueKind.Object && message.TryGetProperty("method", out var method)
            && method.ValueKind == JsonValueKind.String && method.GetString() == Login
            && message.TryGetProperty("params", out parameters) && parameters.ValueKind == JsonValueKind.Array && parameters.GetArrayLength() > 1;
    }

    private static string WithoutPassword(JsonElement message, JsonElement parameters)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            foreach (var member in message.EnumerateObject())
            {
                json.WritePropertyName(member.Name);
                if (member.Name != "params")
                {
                    member.Value.WriteTo(json);
                    continue;
                }
                json.WriteStartArray();
                foreach (var (index, parameter) in parameters.EnumerateArray().Index())
                {
                    if (index == 1) json.WriteStringValue("x");
                    else parameter.WriteTo(json);
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }

    private static JsonDocument? Decode(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line, Bounded);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
