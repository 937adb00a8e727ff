using System.Text;
using System.Text.Json;

namespace Grainpool.Gateway.Recording;

/// <summary>Reads recordings of <see cref="WireRecorder"/>: to be looked at by programs, or played again to a gateway.</summary>
internal static class RecordingReader
{
    /// <summary>The messages of the parts of a connection's recording, in their order. A last line that was not written to its end is left out.</summary>
    /// <exception cref="FormatException">A line that is no message.</exception>
    public static IEnumerable<RecordedMessage> Read(IEnumerable<string> files) => files.SelectMany(file => Read(File.ReadLines(file), file));

    private static IEnumerable<RecordedMessage> Read(IEnumerable<string> lines, string name)
    {
        string? before = null;
        foreach (var line in lines)
        {
            if (before is not null) yield return Parse(before) ?? throw new FormatException($"{name} has a line that is no message");
            before = line;
        }
        // A gateway that was killed may have left half a line.
        if (before is not null && Parse(before) is { } last) yield return last;
    }

    private static RecordedMessage? Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var remote = root.TryGetProperty("peer", out var peer) ? peer : root.GetProperty("miner");
            var bytes = root.TryGetProperty("hex", out var hex) ? Convert.FromHexString(hex.GetString()!)
                : root.TryGetProperty("line", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!)
                : null;
            return new RecordedMessage(
                root.GetProperty("t").GetDouble(), remote.GetString()!, root.GetProperty("dir").GetString() == "in", bytes is null ? (ReadOnlyMemory<byte>?)null : bytes);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
