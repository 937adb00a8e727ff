using Microsoft.Extensions.Time.Testing;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>A clock that only moves when told, and tells when somebody begins to wait on it: so a test never moves it too early.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan Due, TaskCompletionSource Begun)> _awaited = [];
    private readonly List<TimeSpan> _begun = [];
    private (TimeSpan Due, int Times) _failing;

    public ObservedTime() : base(DateTimeOffset.UnixEpoch.AddDays(20_000))
    {
    }

    /// <summary>Returns when somebody waits for exactly this long. Each wait is told once.</summary>
    public Task Waiting(TimeSpan due)
    {
        lock (_lock)
        {
            if (_begun.Remove(due)) return Task.CompletedTask;
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((due, begun));
            return begun.Task;
        }
    }

    /// <summary>Whoever begins to wait this long fails, so many times.</summary>
    public void Fail(TimeSpan due, int times)
    {
        lock (_lock) _failing = (due, times);
    }

    /// <summary>How often that is still to happen.</summary>
    public int Failing
    {
        get
        {
            lock (_lock) return _failing.Times;
        }
    }

    /// <summary>Waits until somebody waits this long, then lets that time pass.</summary>
    public async Task Pass(TimeSpan due)
    {
        await Waiting(due).WaitAsync(TimeSpan.FromSeconds(30));
        Advance(due);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            if (_failing.Times > 0 && _failing.Due == dueTime)
            {
                _failing.Times--;
                throw new InvalidOperationException("a test");
            }
        }
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            var index = _awaited.FindIndex(awaited => awaited.Due == dueTime);
            if (index < 0) _begun.Add(dueTime);
            else
            {
                _awaited[index].Begun.SetResult();
                _awaited.RemoveAt(index);
            }
        }
        return timer;
    }
}
