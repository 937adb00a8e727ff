using Grainpool.GrainInterfaces.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>How the first download goes.</summary>
internal sealed class SyncGauge(int goal)
{
    // Of the rate, so much is old after each measurement.
    private const double Smoothing = 0.6;

    private int _shares;
    private double _rate;
    private DateTimeOffset? _at;

    /// <summary>Whether there was enough once; that does not go away again.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>There is enough to work with.</summary>
    public void Finish() => IsSynced = true;

    /// <summary>Takes a measurement; to be called every few seconds.</summary>
    public void Measure(int shares, DateTimeOffset now)
    {
        if (_at is { } at && now > at)
        {
            var rate = Math.Max(0, shares - _shares) / (now - at).TotalSeconds;
            _rate = (Smoothing * _rate) + ((1 - Smoothing) * rate);
        }
        (_shares, _at) = (shares, now);
    }

    /// <summary>How far it has come.</summary>
    public SyncProgress Tell(int shares)
    {
        var left = Math.Max(0, goal - shares);
        return new SyncProgress(IsSynced, shares, goal, _rate, !IsSynced && _rate > 0.1 ? TimeSpan.FromSeconds(left / _rate) : null);
    }
}
