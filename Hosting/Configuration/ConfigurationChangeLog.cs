namespace Grainpool.Hosting.Configuration;

/// <summary>Tells in the log what became of each change of orleans.yaml.</summary>
internal sealed partial class ConfigurationChangeLog(IConfiguration configuration, ILogger<ConfigurationChangeLog> logger) : IHostedService
{
    private readonly ILogger _logger = logger;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var provider in Providers()) provider.Listen(Tell);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var provider in Providers()) provider.Unlisten(Tell);
        return Task.CompletedTask;
    }

    private IEnumerable<YamlConfigurationProvider> Providers() =>
        configuration is IConfigurationRoot root ? root.Providers.OfType<YamlConfigurationProvider>() : [];

    private void Tell(ConfigurationChange change)
    {
        if (change.Problem is { } problem) LogRefused(problem);
        else LogTaken(change.File);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A change of the configuration is not taken, the last good one stays in force: {Problem}")]
    private partial void LogRefused(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} was changed and read again; what is fixed at start (ports, folders, cluster) needs a restart")]
    private partial void LogTaken(string file);
}
