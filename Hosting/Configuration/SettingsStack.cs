using Grainpool.Hosting.Settings;

namespace Grainpool.Hosting.Configuration;

/// <summary>All sources of settings, the later ones stronger: defaults, orleans.yaml, environment, command line.</summary>
/// <param name="File">Absolute path of orleans.yaml.</param>
/// <param name="Environment">The environment's.</param>
/// <param name="CommandLine">The command line's.</param>
internal sealed record SettingsStack(string File, SettingsLayer Environment, SettingsLayer CommandLine)
{
    /// <summary>Defaults that follow from other settings: folders within the data folder, the table of a simulated network.</summary>
    /// <param name="settings">What the file says.</param>
    public SettingsLayer Defaults(YamlSettings settings)
    {
        var configuration = Configuration(settings, defaults: null);
        var pool = configuration.GetSection(PoolOptions.Section).Get<PoolOptions>() ?? new PoolOptions();
        var dataFolder = ConfigurationFile.Absolute(pool.DataFolder, Path.GetDirectoryName(File)!);
        var verthash = new VerthashOptions { Index = pool.Network == "devnet" ? VerthashOptions.DevnetIndex : VerthashOptions.FullIndex };
        configuration.GetSection(VerthashOptions.Section).Bind(verthash);
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["pool:dataFolder"] = dataFolder,
            ["spool:folder"] = Path.Combine(dataFolder, "spool"),
            ["storage:folder"] = Path.Combine(dataFolder, "storage"),
            ["storage:clusterId"] = configuration["cluster:id"] ?? new PoolClusterOptions().Id,
            ["verthash:index"] = verthash.Index.ToString(),
            ["verthash:dataFile"] = Path.Combine(dataFolder, verthash.Index == VerthashOptions.FullIndex ? "verthash.dat" : $"verthash-{verthash.Index}.dat"),
            ["logging:logLevel:default"] = "Information",
            ["logging:logLevel:Microsoft"] = "Warning",
            ["logging:logLevel:Orleans"] = "Warning",
            // Tells of every attempt that it watches, also the good ones; who made it says what came of it.
            ["logging:logLevel:Polly"] = "None",
            // Says at every question about readiness what the answer says already.
            ["logging:logLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
            // A warning every second while no silo is there, which is said once by ourselves.
            ["logging:logLevel:Orleans.Messaging.GatewayManager"] = "Error",
            // A warning for every call and every attempt to connect while a silo is away or hangs: hundreds a minute, each of which its caller knows of.
            ["logging:logLevel:Orleans.Runtime.CallbackData"] = "Error",
            ["logging:logLevel:Orleans.Runtime.Messaging.ConnectionManager"] = "Error",
            // Warns at every start: that the garbage collector is the small one, and of a first check that it thinks hours late.
            ["logging:logLevel:Orleans.Runtime.Silo"] = "Error",
            ["logging:logLevel:Orleans.Runtime.Watchdog"] = "Error",
        };
        return new SettingsLayer(values, _ => "default");
    }

    /// <summary>The first thing that is wrong with the environment or the command line taken alone; null when nothing is.</summary>
    public string? ProblemOfOverrides() =>
        new[] { Environment, CommandLine }.SelectMany(layer => layer.Values.Select(pair => ProblemOf(layer, pair.Key, pair.Value))).FirstOrDefault(found => found is not null);

    /// <summary>The first thing that is wrong between the settings as they add up; null when nothing is.</summary>
    /// <param name="settings">What the file says.</param>
    public string? ProblemOf(YamlSettings settings)
    {
        var configuration = Configuration(settings, Defaults(settings));
        var problem = SettingsSection.All.SelectMany(section => section.ProblemsOf(configuration)).FirstOrDefault();
        return problem is null ? null : $"{Origin(problem.Key, settings)}: {problem.Key} {problem.Text}";
    }

    private static string? ProblemOf(SettingsLayer layer, string key, string? value)
    {
        if (ConfigurationSchema.Process.Keys.ContainsKey(key)) return null;
        return ConfigurationSchema.Find(key, out var unknown) switch
        {
            null => $"{layer.Origin(key)}: {unknown}",
            ValueShape shape when value is null || !shape.Accepts(value) => $"{layer.Origin(key)}: {key} is {shape.Show(value ?? "")}; allowed is {shape.Allowed}.",
            ValueShape => null,
            _ => $"{layer.Origin(key)}: {key} is a whole section; name one of its keys.",
        };
    }

    private string Origin(string key, YamlSettings settings) =>
        CommandLine.Values.ContainsKey(key) ? CommandLine.Origin(key)
        : Environment.Values.ContainsKey(key) ? Environment.Origin(key)
        : YamlFile.Place(File, settings.Lines.GetValueOrDefault(key));

    private IConfigurationRoot Configuration(YamlSettings settings, SettingsLayer? defaults)
    {
        var builder = new ConfigurationBuilder();
        if (defaults is not null) builder.AddInMemoryCollection(defaults.Values);
        return builder.AddInMemoryCollection(settings.Values).AddInMemoryCollection(Environment.Values).AddInMemoryCollection(CommandLine.Values).Build();
    }
}
