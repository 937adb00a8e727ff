using System.Text;
using System.Text.Json;

namespace Grainpool.P2Pool.Tests.Stratum;

/// <summary>What real miners said and heard (tests/vectors/miners; described in docs of the vectors).</summary>
internal static class MinerRecordings
{
    /// <summary>Both miners.</summary>
    public static readonly string[] Miners = ["cpuminer-opt", "verthashminer"];

    /// <summary>The recordings used here.</summary>
    public static readonly string[] Names =
        ["basic", "diff_tiny", "odd_jobs", "reconnect_old_job", "notifications", "node3501-full", "long_both", "stale"];

    /// <summary>Every line a miner sent, in order, as bytes.</summary>
    public static IEnumerable<byte[]> SentBy(string miner, string name) => Lines(miner, name, "m>s").Select(Encoding.UTF8.GetBytes);

    /// <summary>Every line a server sent, in order.</summary>
    public static IEnumerable<string> HeardBy(string miner, string name) => Lines(miner, name, "s>m");

    private static IEnumerable<string> Lines(string miner, string name, string direction)
    {
        foreach (var json in Vectors.JsonLines($"miners/{miner}/{name}.jsonl"))
        {
            using (json)
            {
                if (json.RootElement.GetProperty("dir").GetString() == direction) yield return json.RootElement.GetProperty("line").GetString()!;
            }
        }
    }

    /// <summary>The submits of a miner with everything worked out.</summary>
    public static List<JsonElement> Shares(string miner)
    {
        using var json = Vectors.Json($"miners/{miner}/shares.json");
        return [.. json.RootElement.EnumerateArray().Select(element => element.Clone())];
    }
}
