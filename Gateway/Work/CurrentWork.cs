namespace Grainpool.Gateway.Work;

/// <summary>How a solution comes too late.</summary>
internal enum Lateness
{
    /// <summary>It does not.</summary>
    InTime,

    /// <summary>There is a new best share: it can still become a dead share.</summary>
    ShareChanged,

    /// <summary>There is a new block.</summary>
    BlockChanged,
}

/// <summary>The work that jobs are made of now, or why there is none.</summary>
internal sealed class CurrentWork
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<PoolWork> _arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PoolWork? _work;
    private string _reason = "no silo has given work yet";

    /// <summary>New work is to go out to all miners: the work, and whether older jobs are worth nothing.</summary>
    public event Action<PoolWork, bool>? Changed;

    /// <summary>There is no work any more, for this reason: miners are to go elsewhere.</summary>
    public event Action<string>? Withdrawn;

    /// <summary>The work; null when none is handed out.</summary>
    public PoolWork? Work => _work;

    /// <summary>Why there is no work; null when there is.</summary>
    public string? NoWorkReason
    {
        get
        {
            lock (_lock) return _work is null ? _reason : null;
        }
    }

    /// <summary>Replaces the work. Calls must not overlap.</summary>
    public void Replace(PoolWork work)
    {
        bool clean;
        lock (_lock)
        {
            clean = _work is null || !work.Continues(_work);
            _work = work;
            _arrival.TrySetResult(work);
        }
        Instruments.HasWork.Set(1);
        Instruments.Works.WithLabels(clean ? "yes" : "no").Inc();
        Changed?.Invoke(work, clean);
    }

    /// <summary>Says that there is none, and why.</summary>
    public void Withdraw(string reason)
    {
        bool had;
        lock (_lock)
        {
            had = _work is not null;
            (_work, _reason) = (null, reason);
            if (_arrival.Task.IsCompleted) _arrival = new TaskCompletionSource<PoolWork>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        Instruments.HasWork.Set(0);
        if (had) Withdrawn?.Invoke(reason);
    }

    /// <summary>The work, as soon as there is any.</summary>
    /// <exception cref="TimeoutException">There was none in time.</exception>
    public Task<PoolWork> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        lock (_lock) return _work is { } work ? Task.FromResult(work) : _arrival.Task.WaitAsync(timeout, time, cancellation);
    }

    /// <summary>Whether, and how, a solution for this work comes too late to count.</summary>
    public Lateness LatenessOf(PoolWork work)
    {
        lock (_lock) return _work is null || _work.Continues(work) ? Lateness.InTime : _work.SameBlock(work) ? Lateness.ShareChanged : Lateness.BlockChanged;
    }
}
