using System.Globalization;

namespace Grainpool.Gateway.Stratum;

/// <summary>Says at the start when the system would not let the process hold as many connections as are configured: each is an open file to it.</summary>
internal sealed partial class OpenFileLimit(StratumSettings settings, ILogger<OpenFileLimit> log) : IHostedService
{
    /// <summary>What a gateway has open besides its miners: browsers, silos, daemons, files.</summary>
    public const int Others = 1_200;

    // The runtime raises the soft limit to the hard one when it starts, so what stands there is all that can be had.
    private const string Limits = "/proc/self/limits";
    private readonly ILogger _log = log;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) return Task.CompletedTask;
        try
        {
            if (Of(File.ReadAllText(Limits)) is { } limit && limit < settings.MaxConnections + Others) LogTooLow(limit, settings.MaxConnections, settings.MaxConnections + Others);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without that file nothing is known, and nothing is wrong.
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The limit in this text of the system; null when there is none or it cannot be read.</summary>
    internal static long? Of(string limits)
    {
        const string name = "Max open files";
        foreach (var line in limits.Split('\n'))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal)) continue;
            var fields = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > 0 && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
        }
        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The system lets this process have {Limit} open files, too few for {Connections} connections (stratum:maximumConnections): allow at least {Wanted} (ulimit -n, or LimitNOFILE of a systemd unit)")]
    private partial void LogTooLow(long limit, int connections, int wanted);
}
