using System.Collections;
using Grainpool.Hosting.Settings;

namespace Grainpool.Hosting.Configuration;

/// <summary>Reads the configuration of a process.</summary>
public static class GrainpoolConfigurationExtensions
{
    /// <summary>
    /// Adds, each stronger than the one before: defaults, orleans.yaml, environment variables that begin with <c>GRAINPOOL_</c>
    /// (<c>GRAINPOOL_Stratum__Port=9172</c>), the command line (<c>--stratum:port=9172</c>).
    /// </summary>
    /// <param name="configuration">The configuration to add to.</param>
    /// <param name="arguments">
    /// The arguments of the process. <c>--config=PATH</c> (or GRAINPOOL_CONFIG) names the file; otherwise it is the first
    /// orleans.yaml from the current directory upwards.
    /// </param>
    /// <remarks>Everything is checked here, before anything starts: every key known, every value in range. Later changes of the file are watched for.</remarks>
    /// <exception cref="StartupException">Something is wrong; the message names file and line (or variable, or argument), key, value and what is allowed.</exception>
    public static IConfigurationManager AddGrainpoolYaml(this IConfigurationManager configuration, IReadOnlyList<string> arguments) =>
        configuration.AddGrainpoolYaml(arguments, Environment.GetEnvironmentVariables(), Directory.GetCurrentDirectory(), TimeProvider.System);

    internal static IConfigurationManager AddGrainpoolYaml(
        this IConfigurationManager configuration, IReadOnlyList<string> arguments, IDictionary environment, string folder, TimeProvider time)
    {
        var variables = SettingsLayer.FromEnvironment(environment);
        var commandLine = SettingsLayer.FromCommandLine(arguments);
        var named = commandLine.Values.GetValueOrDefault(ConfigurationFile.ArgumentName) ?? variables.Values.GetValueOrDefault(ConfigurationFile.ArgumentName);
        var stack = new SettingsStack(ConfigurationFile.Find(named, folder), variables, commandLine);
        if (stack.ProblemOfOverrides() is { } wrongOverride) throw new StartupException(wrongOverride);
        if (!YamlFile.TryRead(stack.File, out var settings, out var problem)) throw new StartupException(problem);

        configuration.Add(stack.Defaults(settings));
        configuration.Add(new YamlConfigurationSource(stack.File, stack.ProblemOf, time));
        configuration.Add(variables);
        configuration.Add(commandLine);
        return configuration;
    }

    /// <summary>Offers the sections of orleans.yaml as options, checked at start and after every change, and logs changes of the file.</summary>
    /// <param name="services">Where to register them.</param>
    public static IServiceCollection AddGrainpoolSettings(this IServiceCollection services)
    {
        foreach (var section in SettingsSection.All) section.Register(services);
        return services.AddHostedService<ConfigurationChangeLog>();
    }
}
