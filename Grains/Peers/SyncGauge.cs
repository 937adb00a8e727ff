using Grainpool.GrainInterfaces.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>How the first download goes.</summary>
/// <param name="full">Shares of a full download on a network that is old enough to have as many.</param>
internal sealed class SyncGauge(int full)
{
    // Of the rate, so much is old after each measurement.
    private const double Smoothing = 0.6;

    private readonly int _full = full;
    private int _shares;
    private double _rate;
    private DateTimeOffset? _at;

    /// <summary>Shares of a full download; fewer where the network itself has not made as many.</summary>
    public int Goal { get; private set; } = full;

    /// <summary>Whether there was enough to work with once; that does not go away again.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>Whether everything was there once, or nobody had more; that does not go away either.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>There is enough to work with.</summary>
    public void Finish() => IsSynced = true;

    /// <summary>There is nothing left to fetch.</summary>
    public void Complete() => IsSynced = IsComplete = true;

    /// <summary>Takes a measurement; to be called every second or so.</summary>
    /// <param name="shares">Shares held.</param>
    /// <param name="everMade">As many were ever made, as the newest share known claims; 0 when none is.</param>
    /// <param name="now">The time.</param>
    public void Measure(int shares, uint everMade, DateTimeOffset now)
    {
        Goal = everMade == 0 ? _full : (int)Math.Min(everMade, (uint)_full);
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
        var left = Math.Max(0, Goal - shares);
        return new SyncProgress(IsSynced, shares, Goal, _rate, !IsComplete && _rate > 0.1 ? TimeSpan.FromSeconds(left / _rate) : null) { IsComplete = IsComplete };
    }
}
