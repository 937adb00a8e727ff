using System.Collections;

namespace Grainpool.Hosting.Configuration;

/// <summary>Settings that come from elsewhere than the file: defaults, the environment, the command line.</summary>
/// <param name="values">Values by path.</param>
/// <param name="origin">Says where a key was given, for messages.</param>
internal sealed class SettingsLayer(IReadOnlyDictionary<string, string?> values, Func<string, string> origin) : ConfigurationProvider, IConfigurationSource
{
    /// <summary>What the names of our environment variables begin with.</summary>
    public const string EnvironmentPrefix = "GRAINPOOL_";

    /// <summary>Values by path.</summary>
    public IReadOnlyDictionary<string, string?> Values => values;

    /// <summary>Where a key was given.</summary>
    public string Origin(string key) => origin(key);

    /// <inheritdoc/>
    public override void Load() => Data = new Dictionary<string, string?>(values, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>The environment's: <c>GRAINPOOL_Stratum__Port</c> is <c>stratum:port</c>, <c>GRAINPOOL_LOG_PREFIX</c> is <c>log-prefix</c>.</summary>
    /// <param name="environment">All variables.</param>
    public static SettingsLayer FromEnvironment(IDictionary environment)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in environment)
        {
            if (variable.Key is not string name || !name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase)) continue;
            var key = name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal);
            if (!key.Contains(':', StringComparison.Ordinal)) key = key.Replace('_', '-');
            values[key] = variable.Value as string;
            names[key] = name;
        }
        return new SettingsLayer(values, key => $"environment variable {names[key]}");
    }

    /// <summary>The command line's: <c>--stratum:port=9172</c> or <c>--stratum:port 9172</c>.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <exception cref="StartupException">One of them is not of that form.</exception>
    public static SettingsLayer FromCommandLine(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];
            if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2)
                throw new StartupException($"command line: {ValueShape.Quoted(argument)} is not understood; allowed are settings such as --stratum:port=9172.");
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (equals > 2)
                values[argument[2..equals]] = argument[(equals + 1)..];
            else if (index + 1 < arguments.Count && !arguments[index + 1].StartsWith("--", StringComparison.Ordinal))
                values[argument[2..]] = arguments[++index];
            else
                throw new StartupException($"command line: {ValueShape.Quoted(argument)} has no value; write {argument}=VALUE.");
        }
        return new SettingsLayer(values, key => $"command line, --{key}");
    }
}
