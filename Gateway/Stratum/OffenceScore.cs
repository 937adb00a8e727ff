namespace Grainpool.Gateway.Stratum;

/// <summary>What one connection has run up: offences add their weight, time and honest work take away. Not safe for several threads.</summary>
/// <remarks>
/// Time does not forgive hashes above the target. Each costs us as much as a good one, and slowly enough anybody could have us compute them for ever; only good
/// solutions make up for them.
/// </remarks>
/// <param name="limit">Points at which the connection is closed.</param>
internal sealed class OffenceScore(double limit)
{
    private const double ForgivenPerSecond = 0.5;
    private const double ForgivenPerSolution = 1;

    private double _points;
    private double _weakPoints;
    private DateTimeOffset _at;

    /// <summary>Adds an offence.</summary>
    /// <returns>Whether the limit is reached.</returns>
    public bool Add(Offence offence, DateTimeOffset now)
    {
        Forgive(now);
        if (offence == Offence.LowDifficulty) _weakPoints += offence.Weight();
        else _points += offence.Weight();
        return _points + _weakPoints >= limit;
    }

    /// <summary>Takes note of a solution that met its target.</summary>
    public void Honest(DateTimeOffset now)
    {
        Forgive(now);
        var forWeak = Math.Min(_weakPoints, ForgivenPerSolution);
        _weakPoints -= forWeak;
        _points = Math.Max(0, _points - (ForgivenPerSolution - forWeak));
    }

    private void Forgive(DateTimeOffset now)
    {
        _points = Math.Max(0, _points - Math.Max(0, (now - _at).TotalSeconds) * ForgivenPerSecond);
        _at = now;
    }
}
