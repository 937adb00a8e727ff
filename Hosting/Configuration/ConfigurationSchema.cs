using Grainpool.Hosting.Settings;

namespace Grainpool.Hosting.Configuration;

/// <summary>Every key that orleans.yaml, the environment and the command line may set.</summary>
/// <remarks>
/// One file serves all processes, so one schema knows all sections, also those whose options live in projects that are not
/// referenced from here; a test compares these with the options classes.
/// </remarks>
internal static class ConfigurationSchema
{
    /// <summary>The whole file.</summary>
    public static SectionShape Root { get; } = SectionShape.Of(
        (PoolOptions.Section, OptionsShape.Of(typeof(PoolOptions))),
        (VerthashOptions.Section, OptionsShape.Of(typeof(VerthashOptions))),
        (StratumOptions.Section, OptionsShape.Of(typeof(StratumOptions))),
        (PatienceOptions.Section, OptionsShape.Of(typeof(PatienceOptions))),
        (PeerOptions.Section, OptionsShape.Of(typeof(PeerOptions))),
        (SpoolOptions.Section, OptionsShape.Of(typeof(SpoolOptions))),
        (PoolClusterOptions.Section, OptionsShape.Of(typeof(PoolClusterOptions))),
        (AdminOptions.Section, OptionsShape.Of(typeof(AdminOptions))),
        (LoggingOptions.Section, OptionsShape.Of(typeof(LoggingOptions))),
        ("storage", Storage),
        ("daemons", Daemons));

    /// <summary>Keys that are not settings of the pool but of the process: where its file is, and the name before its log lines.</summary>
    public static SectionShape Process { get; } = SectionShape.Of(
        (ConfigurationFile.ArgumentName, new ValueShape(ValueKind.Path)),
        (LoggingOptions.PrefixKey, new ValueShape(ValueKind.Text)));

    private static SectionShape Storage => SectionShape.Of(
        ("kind", new ValueShape(ValueKind.Choice) { Words = ["azure", "file"] }),
        ("connectionString", new ValueShape(ValueKind.Text) { Secret = true }),
        ("folder", new ValueShape(ValueKind.Path)),
        ("clusterId", new ValueShape(ValueKind.Text)),
        ("eventQueues", new ValueShape(ValueKind.WholeNumber) { Minimum = 1, Maximum = 16 }),
        ("eventRedeliverySeconds", new ValueShape(ValueKind.WholeNumber) { Minimum = 5, Maximum = 600 }));

    private static ListShape Daemons => new(
        SectionShape.Of(
            ("url", new ValueShape(ValueKind.Url)),
            ("user", new ValueShape(ValueKind.Text)),
            ("password", new ValueShape(ValueKind.Text) { Secret = true }),
            ("cookieFile", new ValueShape(ValueKind.Path))),
        MaximumCount: 16);

    /// <summary>The shape at a path such as <c>stratum:port</c> or <c>daemons:0:url</c>.</summary>
    /// <param name="path">Keys from the root down, joined by colons.</param>
    /// <param name="problem">When there is none: the key that is not known, and the nearest that is.</param>
    /// <returns>The shape, or null.</returns>
    public static SettingShape? Find(string path, out string problem)
    {
        SettingShape shape = Root;
        problem = "";
        var parts = path.Split(':');
        for (var depth = 0; depth < parts.Length; depth++)
        {
            var known = shape switch
            {
                SectionShape section => section.Keys.GetValueOrDefault(parts[depth]),
                ListShape list => int.TryParse(parts[depth], out var index) && index >= 0 && index < list.MaximumCount ? list.Item : null,
                MapShape map => map.Value,
                _ => null,
            };
            if (known is null)
            {
                problem = Unknown(string.Join(':', parts[..(depth + 1)]), shape, parts[depth]);
                return null;
            }
            shape = known;
        }
        return shape;
    }

    /// <summary>Says that <paramref name="path"/> is no key, and which might have been meant.</summary>
    public static string Unknown(string path, SettingShape parent, string name) => parent switch
    {
        SectionShape section => $"{Safe(path)} is not a known key; {Suggestion(section, name)}",
        ListShape list => $"{Safe(path)} is not a place in a list; allowed is 0 to {list.MaximumCount - 1}.",
        _ => $"{Safe(path)} is not a known key; {Safe(path[..Math.Max(0, path.LastIndexOf(':'))])} is a single value.",
    };

    private static string Safe(string path)
    {
        var quoted = ValueShape.Quoted(path);
        return quoted[1..^1];
    }

    private static string Suggestion(SectionShape section, string name)
    {
        var (nearest, distance) = section.Keys.Keys.Select(key => (key, Distance(key, name))).MinBy(candidate => candidate.Item2);
        return distance <= Math.Max(2, name.Length / 3)
            ? $"did you mean {nearest}?"
            : $"known here are {string.Join(", ", section.Keys.Keys)}.";
    }

    /// <summary>Letters to insert, remove or change to make one word of another, bounded to words of 64 letters.</summary>
    private static int Distance(string left, string right)
    {
        const int Longest = 64;
        if (left.Length > Longest || right.Length > Longest) return int.MaxValue;
        var above = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var row = 1; row <= left.Length; row++)
        {
            var current = new int[right.Length + 1];
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var change = char.ToLowerInvariant(left[row - 1]) == char.ToLowerInvariant(right[column - 1]) ? 0 : 1;
                current[column] = Math.Min(Math.Min(current[column - 1], above[column]) + 1, above[column - 1] + change);
            }
            above = current;
        }
        return above[^1];
    }
}
