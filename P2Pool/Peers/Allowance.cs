namespace Grainpool.P2Pool.Peers;

/// <summary>What somebody may use up: so much at once, and so much more every second. Safe for use by several threads.</summary>
public sealed class Allowance
{
    private readonly double _most;
    private readonly double _perSecond;
    private readonly Lock _lock = new();
    private double _left;
    private DateTimeOffset _at;

    /// <summary>A full one.</summary>
    /// <param name="most">Most that gathers.</param>
    /// <param name="perSecond">What comes back in a second.</param>
    /// <param name="now">The time it begins.</param>
    public Allowance(double most, double perSecond, DateTimeOffset now) => (_most, _perSecond, _left, _at) = (most, perSecond, most, now);

    /// <summary>Takes some, or nothing when that is not there.</summary>
    public bool TryTake(double amount, DateTimeOffset now)
    {
        lock (_lock)
        {
            // A clock that goes back takes nothing away.
            _left = Math.Min(_most, _left + (Math.Max(0, (now - _at).TotalSeconds) * _perSecond));
            _at = now;
            if (_left < amount) return false;
            _left -= amount;
            return true;
        }
    }
}
