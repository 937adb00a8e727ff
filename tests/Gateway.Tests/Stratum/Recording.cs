using System.Text.Json;

namespace Grainpool.Gateway.Tests.Stratum;

/// <summary>A line of a recorded connection.</summary>
/// <param name="FromMiner">Whether the miner said it.</param>
/// <param name="Text">Without its end.</param>
/// <param name="At">Seconds.</param>
internal sealed record RecordedLine(bool FromMiner, string Text, double At);

/// <summary>One connection as it was recorded, between a miner or a script and a legacy node, or a script that played the server.</summary>
/// <param name="Name">File and scenario.</param>
/// <param name="WithNode">Whether a legacy node answered.</param>
/// <param name="Lines">In the order of time.</param>
internal sealed record Recording(string Name, bool WithNode, IReadOnlyList<RecordedLine> Lines)
{
    private static readonly string[] Miners = ["cpuminer-opt", "verthashminer"];

    /// <summary>Scripted sessions with a node of network 3501, and one that has no peers.</summary>
    public static IEnumerable<Recording> OfNode3501(string file = "live-3501/stratum.jsonl")
    {
        foreach (var json in Vectors.JsonLines(file))
        {
            using (json)
            {
                var root = json.RootElement;
                yield return new Recording($"{file} {root.GetProperty("scenario").GetString()}", true, LinesOf(root.GetProperty("log").EnumerateArray(), "miner->node"));
            }
        }
    }

    /// <summary>Scripted sessions with a node of network 1800.</summary>
    public static IEnumerable<Recording> OfNode1800()
    {
        using var json = Vectors.Json("live-1800/stratum.json");
        foreach (var transcript in json.RootElement.GetProperty("transcripts").EnumerateArray())
            yield return new Recording($"live-1800 {transcript.GetProperty("name").GetString()}", true, LinesOf(transcript.GetProperty("lines").EnumerateArray(), "miner->node"));
    }

    /// <summary>Everything that the miners of a running node said and heard.</summary>
    public static IEnumerable<Recording> OfLiveNode() => Connections("live-3501/stratum-live-n2.jsonl", "miner->node", withNode: true);

    /// <summary>Everything that two real miners said, to nodes and to scripts, one recording for each connection.</summary>
    public static IEnumerable<Recording> OfMiners() => Miners.SelectMany(miner => Vectors.Names
        .Where(name => name.StartsWith($"miners/{miner}/", StringComparison.Ordinal) && name.EndsWith(".jsonl", StringComparison.Ordinal))
        .SelectMany(name => Connections(name, "m>s", Path.GetFileName(name).StartsWith("node", StringComparison.Ordinal))));

    private static IEnumerable<Recording> Connections(string file, string fromMiner, bool withNode)
    {
        var connections = new Dictionary<string, List<JsonElement>>();
        foreach (var json in Vectors.JsonLines(file))
        {
            using (json)
            {
                if (!json.RootElement.TryGetProperty("conn", out var connection)) continue;
                var name = connection.ToString();
                if (!connections.TryGetValue(name, out var lines)) connections.Add(name, lines = []);
                lines.Add(json.RootElement.Clone());
            }
        }
        return connections.Select(connection => new Recording($"{file} {connection.Key}", withNode, LinesOf(connection.Value, fromMiner)));
    }

    private static List<RecordedLine> LinesOf(IEnumerable<JsonElement> list, string fromMiner) =>
    [
        .. list.Where(line => line.TryGetProperty("dir", out var direction) && direction.GetString() != "event" && line.TryGetProperty("line", out _))
            .Select(line => new RecordedLine(
                line.GetProperty("dir").GetString() == fromMiner,
                line.GetProperty("line").GetString()!,
                line.TryGetProperty("t", out var at) ? at.GetDouble() : 0)),
    ];
}
