namespace Grainpool.Gateway.Stratum;

/// <summary>How many requests a connection may make: so many a second, and five seconds' worth at once. Not safe for several threads.</summary>
internal sealed class RequestAllowance(double perSecond, DateTimeOffset now)
{
    private const double SecondsAtOnce = 5;

    private double _left = perSecond * SecondsAtOnce;
    private DateTimeOffset _at = now;

    /// <summary>Takes one request from the allowance.</summary>
    /// <param name="now">The time.</param>
    /// <param name="weight">As how many it counts.</param>
    /// <returns>How long it has to wait for that; who does not wait is behind with the next one.</returns>
    public TimeSpan Take(DateTimeOffset now, double weight = 1)
    {
        _left = Math.Min(perSecond * SecondsAtOnce, _left + Math.Max(0, (now - _at).TotalSeconds) * perSecond) - weight;
        _at = now;
        return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond);
    }
}
