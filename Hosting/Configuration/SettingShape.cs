using System.Collections.Immutable;

namespace Grainpool.Hosting.Configuration;

/// <summary>What may stand at one place of the configuration: a value, a section, a list or a map.</summary>
internal abstract record SettingShape;

/// <summary>A section: named keys, each with its own shape; names are compared without regard to case.</summary>
/// <param name="Keys">The keys by name, spelled as orleans.yaml spells them.</param>
internal sealed record SectionShape(ImmutableSortedDictionary<string, SettingShape> Keys) : SettingShape
{
    /// <summary>A section of the given keys.</summary>
    public static SectionShape Of(params IEnumerable<(string Name, SettingShape Shape)> keys) =>
        new(keys.ToImmutableSortedDictionary(key => key.Name, key => key.Shape, StringComparer.OrdinalIgnoreCase));
}

/// <summary>A list of sections, written in YAML with a dash before each.</summary>
/// <param name="Item">The shape of each.</param>
/// <param name="MaximumCount">The most there may be.</param>
internal sealed record ListShape(SectionShape Item, int MaximumCount) : SettingShape;

/// <summary>Keys chosen by the user, all with values of one shape.</summary>
/// <param name="Value">The shape of every value.</param>
/// <param name="MaximumCount">The most keys there may be.</param>
internal sealed record MapShape(ValueShape Value, int MaximumCount) : SettingShape;
