using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>Changes recorded values one by one, to find out whether the check that reads them would notice.</summary>
internal static class LeafFlips
{
    /// <summary>Kinds of leaves of which at least one could be changed without the check failing.</summary>
    /// <param name="record">What the check reads; as it is the check must pass.</param>
    /// <param name="check">Throws when anything does not fit.</param>
    /// <param name="flipped">Leaves changed so far, by kind; a kind that reached <paramref name="mostPerKind"/> is left alone.</param>
    /// <param name="mostPerKind">How many leaves of a kind to change at most.</param>
    public static IEnumerable<string> Unnoticed(
        JsonElement record, Action<JsonElement> check, Dictionary<string, int> flipped, int mostPerKind = int.MaxValue)
    {
        check(record);
        var root = JsonNode.Parse(record.GetRawText())!;
        var unnoticed = new List<string>();
        foreach (var path in JsonLeaves.Paths(root).Where(path => path.Length > 0).ToList())
        {
            var kind = JsonLeaves.Kind(path);
            if (flipped.GetValueOrDefault(kind) >= mostPerKind) continue;
            flipped[kind] = flipped.GetValueOrDefault(kind) + 1;
            JsonLeaves.WithChanged(root, path, changed =>
            {
                if (!Notices(check, changed)) unnoticed.Add(kind);
            });
        }
        return unnoticed;
    }

    private static bool Notices(Action<JsonElement> check, JsonNode changed)
    {
        using var document = JsonDocument.Parse(changed.ToJsonString());
        try
        {
            check(document.RootElement);
            return false;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return true;
        }
    }
}
