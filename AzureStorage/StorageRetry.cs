using Microsoft.Extensions.Logging;

namespace Grainpool.Orleans.AzureStorage;

/// <summary>Keeps trying an unreachable storage, and says every few seconds what is missing and how to mend it.</summary>
internal static partial class StorageRetry
{
    internal static async Task UntilReachable(
        Func<CancellationToken, Task> attempt,
        string place,
        string remedy,
        TimeSpan retryPeriod,
        TimeSpan reportPeriod,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        long? reported = null;
        while (true)
        {
            try
            {
                await attempt(cancellationToken);
                var seconds = (int)time.GetElapsedTime(started).TotalSeconds;
                if (reported is not null) LogReached(logger, place, seconds);
                return;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                if (reported is null || time.GetElapsedTime(reported.Value) >= reportPeriod)
                {
                    var seconds = (int)time.GetElapsedTime(started).TotalSeconds;
                    var what = StorageFailure.Describe(failure);
                    LogUnreachable(logger, place, what, seconds, remedy);
                    reported = time.GetTimestamp();
                }
            }

            await Task.Delay(retryPeriod, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for {Place}, {Seconds} s so far: {Failure}. {Remedy}")]
    private static partial void LogUnreachable(ILogger logger, string place, string failure, int seconds, string remedy);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Place} answers, after {Seconds} s")]
    private static partial void LogReached(ILogger logger, string place, int seconds);
}
