namespace Grainpool.Gateway.Miners;

/// <summary>Work of the last ten minutes, in pieces of ten seconds; gives a hash rate. Not safe for several threads.</summary>
internal sealed class RateWindow
{
    private const int Pieces = 60;
    private static readonly TimeSpan Piece = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = Pieces * Piece;

    // Most names that strangers log in with never do any work.
    private double[] _work = [];
    private double[] _dead = [];
    private DateTimeOffset _first;
    private long _newest = -1;

    /// <summary>Adds work; <paramref name="dead"/> says that it came too late.</summary>
    public void Add(double hashes, bool dead, DateTimeOffset now)
    {
        if (_newest < 0) (_first, _work, _dead) = (now, new double[Pieces], new double[Pieces]);
        var place = Advance(now);
        _work[place] += hashes;
        if (dead) _dead[place] += hashes;
    }

    /// <summary>Hashes per second over the window, or since the first work if sooner: all, and those that came too late.</summary>
    public (double All, double Dead) Rate(DateTimeOffset now)
    {
        if (_newest < 0) return (0, 0);
        Advance(now);
        // In the first piece the time is too short to divide by.
        var seconds = Math.Clamp((now - _first).TotalSeconds, Piece.TotalSeconds, Window.TotalSeconds);
        return (_work.Sum() / seconds, _dead.Sum() / seconds);
    }

    private int Advance(DateTimeOffset now)
    {
        var current = Math.Max(now.UtcTicks / Piece.Ticks, _newest);
        var first = Math.Max(_newest + 1, current - Pieces + 1);
        for (var piece = _newest < 0 ? current : first; piece <= current; piece++) (_work[piece % Pieces], _dead[piece % Pieces]) = (0, 0);
        _newest = current;
        return (int)(current % Pieces);
    }
}
