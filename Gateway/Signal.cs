namespace Grainpool.Gateway;

/// <summary>Wakes one waiting loop; being set twice before it looks is as good as once.</summary>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Wakes the loop, now or when it next waits.</summary>
    public void Set()
    {
        lock (_lock) _set.TrySetResult();
    }

    /// <summary>Returns when set, or when the time is over.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        Task wait;
        lock (_lock) wait = _set.Task;
        try
        {
            await wait.WaitAsync(timeout, time, cancellation);
        }
        catch (TimeoutException)
        {
            return;
        }
        lock (_lock)
        {
            if (_set.Task.IsCompleted) _set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
