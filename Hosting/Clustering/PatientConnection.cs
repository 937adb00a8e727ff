namespace Grainpool.Hosting.Clustering;

/// <summary>Tries to connect to the cluster for ever, since a gateway may well be started before the first silo.</summary>
internal sealed partial class PatientConnection(TimeProvider time, ILogger<PatientConnection> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A reminder every so many attempts is enough.</summary>
    private const int AttemptsBetweenReminders = 15;

    private readonly ILogger _logger = logger;
    private int _attempts;

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_attempts++ % AttemptsBetweenReminders == 0) LogWaiting(exception.Message);
        try
        {
            await Task.Delay(Pause, time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No silo answers yet, trying again every second: {Reason}")]
    private partial void LogWaiting(string reason);
}
