using System.Diagnostics;

namespace Grainpool.LoadGenerator;

/// <summary>What a clean job on the block of the job before it says.</summary>
internal enum CleanRule
{
    /// <summary>That there is something new to build on, such as a share, and that all older jobs are outdated, those of other connections too.</summary>
    Outdates,

    /// <summary>Nothing: the pool says it of any job.</summary>
    Any,
}

/// <summary>Judges for one connection whether it was told of the newest share to build on.</summary>
/// <remarks>
/// No miner can read from a job which share it builds on. But a pool that says <c>clean_jobs</c> on the same block says that there is another share, and
/// there is for everybody. One round reaches all connections within the grace, or it is late: so a clean job read by anybody more than that after
/// the last change this connection was told of belongs to a later round, and this connection is owed a clean job of its own, within the grace again. Whatever
/// else it is sent meanwhile builds on the old share, or should have been clean. Rounds that follow each other more closely than the grace cannot be told apart;
/// a connection that is left out of several in a row is found all the same.
/// </remarks>
internal sealed class ShareJudge(TimeSpan grace)
{
    private long _toldAt;
    private long _owedSince;
    private bool _isSaid;

    /// <summary>A job was read.</summary>
    /// <param name="round">The block it builds on.</param>
    /// <param name="isFirst">Whether it is the first on this block, or of this connection.</param>
    /// <param name="clean">Its <c>clean_jobs</c>.</param>
    /// <param name="now">When.</param>
    public void Take(Round round, bool isFirst, bool clean, long now)
    {
        if (!isFirst && !clean) return;
        (_toldAt, _owedSince, _isSaid) = (now, 0, false);
        // The first one tells of no change: whoever logs in may be told that nothing older counts.
        if (!isFirst) round.Renew(now);
    }

    /// <summary>How long a clean job has been owed, when that is longer than the grace; said once for each time. To be called every second or so.</summary>
    /// <param name="round">The block that the connection's job builds on.</param>
    /// <param name="now">When.</param>
    public TimeSpan? LeftOut(Round round, long now)
    {
        // The first one that is seen: those that follow start no new time.
        if (_owedSince == 0 && round.Renewed is not 0 and var renewed && Stopwatch.GetElapsedTime(_toldAt, renewed) > grace) _owedSince = renewed;
        if (_owedSince == 0 || _isSaid || Stopwatch.GetElapsedTime(_owedSince, now) is var owed && owed <= grace) return null;
        _isSaid = true;
        return owed;
    }
}
