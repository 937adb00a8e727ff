namespace Grainpool.Grains.State;

/// <summary>Which writes of a grain's state the store will not forget: on one that may go back, those that it still has after the time in which it can.</summary>
/// <remarks>
/// One write is waited for at a time; once it stands, the newest that followed it is next. So many writes never put off the first, and the last is not left out.
/// </remarks>
/// <param name="lag">Time in which the store may go back; zero when it never does.</param>
/// <param name="durable">Takes what a write had in it, once that is stored for good.</param>
internal sealed class DurableWrites<TFacts>(TimeSpan lag, Action<TFacts> durable)
{
    private Write? _waiting;
    private Write? _newest;

    /// <summary>The store acknowledged a write, or was read.</summary>
    /// <param name="revision">Of the state.</param>
    /// <param name="facts">What it has in it.</param>
    /// <param name="now">The time.</param>
    public void Acknowledged(long revision, TFacts facts, DateTimeOffset now)
    {
        if (lag == TimeSpan.Zero)
        {
            durable(facts);
            return;
        }
        _newest = new Write(revision, facts, now);
        _waiting ??= _newest;
    }

    /// <summary>Looks whether the write that is waited for is still there, when it is time.</summary>
    /// <param name="look">Asks the store for a revision.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when the store has lost it: the state is to be written again.</returns>
    public async Task<bool> IsLost(Func<long, Task<StoredRevision>> look, DateTimeOffset now)
    {
        if (_waiting is not { } write || now - write.At < lag) return false;
        switch (await look(write.Revision))
        {
            case StoredRevision.Held:
                durable(write.Facts);
                _waiting = _newest == write ? null : _newest;
                return false;
            case StoredRevision.Lost:
                _waiting = null;
                return true;
            default:
                return false;
        }
    }

    private sealed record Write(long Revision, TFacts Facts, DateTimeOffset At);
}
