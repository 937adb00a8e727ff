using System.Text.Json;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>A file of golden data, the check of each of its parts, and what no check can notice.</summary>
/// <param name="Name">Under <c>tests/vectors</c>, without <c>.gz</c>.</param>
/// <param name="Parts">Its parts; each is checked before the next is asked for, so that they may build on each other.</param>
/// <param name="Unnoticed">What may be changed without a check failing, or is in no part: kinds of leaves, how many of them, and why.</param>
internal sealed record GoldenFile(string Name, Func<IEnumerable<GoldenPart>> Parts, params Unnoticed[] Unnoticed)
{
    /// <summary>How many leaves of each kind the whole file has.</summary>
    public Dictionary<string, int> Leaves()
    {
        var texts = Name.EndsWith(".jsonl", StringComparison.Ordinal) ? Vectors.Lines(Name) : [Vectors.Bytes(Name)];
        var counts = new Dictionary<string, int>();
        foreach (var text in texts)
            foreach (var leaf in JsonLeaf.Of(text))
                counts[leaf.Kind] = counts.GetValueOrDefault(leaf.Kind) + 1;
        return counts;
    }

    public override string ToString() => Name;
}

/// <summary>A part of a golden file that can be checked for itself.</summary>
/// <param name="Path">Where it stands in its file: member names, and "#" for indexes.</param>
/// <param name="Value">As recorded.</param>
/// <param name="Check">Throws when anything in it does not fit.</param>
internal sealed record GoldenPart(string Path, JsonElement Value, Action<JsonElement> Check)
{
    /// <summary>One part for each item of a list, all checked the same way.</summary>
    public static IEnumerable<GoldenPart> Each(JsonElement root, string name, Action<JsonElement> check) =>
        root.GetProperty(name).EnumerateArray().Select(item => new GoldenPart($"{name}.#", item, check));

    public static GoldenPart Member(JsonElement root, string name, Action<JsonElement> check) => new(name, root.GetProperty(name), check);
}

/// <param name="Kind">The kind of leaf; "**" at its beginning or end stands for anything.</param>
/// <param name="Leaves">How many leaves of this kind go unnoticed; not more and not fewer.</param>
/// <param name="Reason">Why.</param>
internal sealed record Unnoticed(string Kind, int Leaves, string Reason)
{
    public bool Covers(string kind) => Kind.EndsWith("**", StringComparison.Ordinal) ? kind.StartsWith(Kind[..^2], StringComparison.Ordinal)
        : Kind.StartsWith("**", StringComparison.Ordinal) ? kind.EndsWith(Kind[2..], StringComparison.Ordinal)
        : kind == Kind;
}
