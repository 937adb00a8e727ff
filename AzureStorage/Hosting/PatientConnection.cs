using Microsoft.Extensions.Logging;

namespace Grainpool.Orleans.AzureStorage;

/// <summary>Keeps a gateway trying to reach its cluster for as long as it runs; Orleans itself would give up after 3 minutes and end the process.</summary>
internal sealed partial class PatientConnection(ILogger<PatientConnection> logger, TimeProvider? time = null) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long? _reported;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_reported is null || _time.GetElapsedTime(_reported.Value) >= ReportPeriod)
        {
            var what = exception is StorageUnavailableException ? exception.Message : StorageFailure.Describe(exception);
            LogWaiting(logger, what);
            _reported = _time.GetTimestamp();
        }

        await Task.Delay(RetryPeriod, _time, cancellationToken);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for a silo: {Failure}. Start one with: dotnet run --project Silo")]
    private static partial void LogWaiting(ILogger logger, string failure);
}
