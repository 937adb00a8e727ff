using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Work;

/// <summary>Decides how long the last work is mined on when no silo renews it. Knows neither clock nor network: what happened is told to it.</summary>
internal sealed class WorkGuard
{
    private readonly WorkPatience _patience;
    private DateTimeOffset _siloAnswered;
    private DateTimeOffset _confirmed;
    private DateTimeOffset? _refutedSince;
    private DateTimeOffset? _noWorkSince;
    private string _noWorkReason = "";

    /// <summary>A guard; the silos count as heard at <paramref name="now"/>.</summary>
    public WorkGuard(WorkPatience patience, DateTimeOffset now) => (_patience, _siloAnswered, _confirmed) = (patience, now, now);

    /// <summary>A silo answered, and confirmed the work or gave new.</summary>
    public void Confirmed(DateTimeOffset now)
    {
        (_siloAnswered, _confirmed) = (now, now);
        (_refutedSince, _noWorkSince) = (null, null);
    }

    /// <summary>A silo answered that there is no work.</summary>
    public void Denied(string reason, DateTimeOffset now)
    {
        _siloAnswered = now;
        _noWorkSince ??= now;
        _noWorkReason = reason;
    }

    /// <summary>A daemon told its tip.</summary>
    public void Saw(Hash256 tip, Hash256 previousBlock, DateTimeOffset now)
    {
        if (tip == previousBlock) (_confirmed, _refutedSince) = (now, null);
        else _refutedSince ??= now;
    }

    /// <summary>Time since a silo answered.</summary>
    public TimeSpan Silence(DateTimeOffset now) => now - _siloAnswered;

    /// <summary>Whether it is time for an own look at a daemon.</summary>
    public bool WantsOwnLook(DateTimeOffset now) => Silence(now) > _patience.SilenceBeforeOwnLook || _noWorkSince is not null;

    /// <summary>Why mining must stop; null when it may go on.</summary>
    public string? StopReason(DateTimeOffset now)
    {
        if (_noWorkSince is { } since && now - since > _patience.WithoutWork) return _noWorkReason;
        if (_refutedSince is { } moved && now - moved > _patience.OnOldTip)
            return "a new block has been found and no silo has given work for it";
        if (Silence(now) > _patience.WithoutSilos) return $"no silo has answered for {Silence(now).TotalSeconds:0} s";
        return now - _confirmed > _patience.WithoutConfirmation ? $"neither a silo nor a daemon has confirmed the work for {(now - _confirmed).TotalSeconds:0} s" : null;
    }
}
