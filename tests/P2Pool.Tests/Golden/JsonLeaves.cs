using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The values at the ends of a JSON document, each of which can be changed a little.</summary>
internal static class JsonLeaves
{
    /// <summary>Where the leaves are: names, and indexes as numbers.</summary>
    public static IEnumerable<object[]> Paths(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Paths(member.Value).Select(path => (object[])[member.Key, .. path])),
        JsonArray items => items.SelectMany((item, i) => Paths(item).Select(path => (object[])[i, .. path])),
        _ => [[]],
    };

    /// <summary>The path without its indexes: the kind of leaf.</summary>
    public static string Kind(object[] path) => string.Join('.', path.Select(step => step as string ?? "#"));

    /// <summary>Changes one leaf, runs something, and puts the leaf back.</summary>
    public static void WithChanged(JsonNode root, object[] path, Action<JsonNode> action)
    {
        var parent = path[..^1].Aggregate(root, (node, step) => (step is int i ? node[i] : node[(string)step])!);
        var old = At(parent, path[^1]);
        Set(parent, path[^1], Changed(old));
        action(root);
        Set(parent, path[^1], old);
    }

    private static JsonNode? At(JsonNode parent, object step) => step is int i ? parent[i] : parent[(string)step];

    private static void Set(JsonNode parent, object step, JsonNode? value)
    {
        if (step is int i) parent[i] = value;
        else parent[(string)step] = value;
    }

    // One digit, one character or the sign of a truth: the smallest change that still reads as what it was.
    private static JsonNode Changed(JsonNode? leaf)
    {
        if (leaf is null) return JsonValue.Create(new string('1', 64));
        switch (leaf.GetValueKind())
        {
            case JsonValueKind.True: return JsonValue.Create(false);
            case JsonValueKind.False: return JsonValue.Create(true);
            case JsonValueKind.Number:
                var number = leaf.ToJsonString();
                return long.TryParse(number, CultureInfo.InvariantCulture, out var whole)
                    ? JsonValue.Create(whole + 1)
                    : JsonValue.Create(double.Parse(number, CultureInfo.InvariantCulture) + 1);
            default:
                var text = leaf.GetValue<string>().ToCharArray();
                if (text.Length == 0) return JsonValue.Create("00");
                var last = text[^1];
                text[^1] = last switch { '0' => '1', >= '1' and <= '9' => (char)(last - 1), 'f' => 'e', >= 'a' and < 'f' => (char)(last + 1), 'x' => 'y', _ => 'x' };
                return JsonValue.Create(new string(text));
        }
    }
}
