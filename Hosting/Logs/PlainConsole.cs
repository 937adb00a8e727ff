using Grainpool.Hosting.Settings;
using Microsoft.Extensions.Logging.Console;

namespace Grainpool.Hosting.Logs;

/// <summary>Sets up the log of a process: plain lines on standard output.</summary>
internal static class PlainConsole
{
    /// <summary>Lines waiting for a console that does not take them; more are dropped, since no console may stop a miner's share.</summary>
    private const int MaximumLinesWaiting = 8192;

    /// <summary>Adds it, with the levels of the <c>logging:</c> section.</summary>
    public static void AddPlainConsole(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.AddConfiguration(configuration.GetSection(LoggingOptions.Section));
        logging.AddConsole(console =>
        {
            console.FormatterName = PlainLineFormatter.FormatterName;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
            console.MaxQueueLength = MaximumLinesWaiting;
        });
        logging.AddConsoleFormatter<PlainLineFormatter, PlainLineOptions>(lines =>
        {
            lines.Prefix = configuration[LoggingOptions.PrefixKey] ?? "";
            lines.UseColour = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
            lines.ShowStacks = Enum.TryParse<LogLevel>(configuration[$"{LoggingOptions.Section}:logLevel:default"], ignoreCase: true, out var level) && level <= LogLevel.Debug;
        });
    }
}
