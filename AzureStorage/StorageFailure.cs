using Azure;

namespace Grainpool.Orleans.AzureStorage;

/// <summary>Says in one line what a storage failure was.</summary>
internal static class StorageFailure
{
    /// <summary>Whether this is the storage failing, and not a broken program or somebody's wish to stop.</summary>
    internal static bool IsStorage(Exception failure) => failure switch
    {
        RequestFailedException or IOException or UnauthorizedAccessException or HttpRequestException or TimeoutException => true,
        OperationCanceledException => true, // The SDK's own time limit; callers rule their own token out first.
        AggregateException many => many.InnerExceptions.All(IsStorage),
        _ => false,
    };

    internal static string Describe(Exception failure)
    {
        var first = failure is AggregateException { InnerExceptions.Count: > 0 } many ? many.InnerExceptions[^1] : failure;
        return first switch
        {
            RequestFailedException { Status: 0 } request => $"no answer ({Line(request.InnerException ?? request)})",
            RequestFailedException { Status: 401 or 403 } request => $"access refused ({request.Status} {request.ErrorCode})",
            RequestFailedException request => $"answered {request.Status} {request.ErrorCode}: {Line(request)}",
            OperationCanceledException => "no answer in time",
            _ => $"{first.GetType().Name}: {Line(first)}",
        };
    }

    private static string Line(Exception failure)
    {
        var inner = failure;
        while (inner.InnerException is not null) inner = inner.InnerException;
        return inner.Message.AsSpan().Trim().ToString().Split('\n')[0].TrimEnd('\r', '.');
    }
}
