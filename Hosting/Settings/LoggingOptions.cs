namespace Grainpool.Hosting.Settings;

/// <summary>The <c>logging:</c> section of orleans.yaml: what is worth a line.</summary>
public sealed class LoggingOptions
{
    /// <summary>Name of the configuration section these options bind to.</summary>
    public const string Section = "logging";

    /// <summary>Name of the argument, and after <c>GRAINPOOL_</c> of the environment variable, that puts a word before every line.</summary>
    public const string PrefixKey = "log-prefix";

    /// <summary>Least level shown, by category; <c>default</c> is every other category. Changes take effect at once.</summary>
    public Dictionary<string, LogLevel> LogLevel { get; set; } = [];
}
