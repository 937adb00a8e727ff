using System.Collections.Immutable;

namespace Grainpool.Hosting.Configuration;

/// <summary>What a configuration file says.</summary>
/// <param name="Values">Each value by its path, such as <c>daemons:0:url</c>.</param>
/// <param name="Lines">The line, from 1, that each stands on.</param>
internal sealed record YamlSettings(ImmutableDictionary<string, string?> Values, ImmutableDictionary<string, int> Lines)
{
    /// <summary>A file that says nothing.</summary>
    public static YamlSettings Empty { get; } = new(
        ImmutableDictionary.Create<string, string?>(StringComparer.OrdinalIgnoreCase),
        ImmutableDictionary.Create<string, int>(StringComparer.OrdinalIgnoreCase));
}

/// <summary>Why a configuration file is not taken.</summary>
/// <param name="Line">The line, from 1; 0 when it is about the whole file.</param>
/// <param name="Text">What is wrong there.</param>
internal sealed record YamlProblem(int Line, string Text);
