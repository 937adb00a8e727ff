namespace Grainpool.Gateway.Stratum;

/// <summary>One round of new work: every session is to be offered its job, by as many threads as come.</summary>
/// <param name="sessions">How many there are.</param>
/// <param name="offer">Offers one of them, by its number, its job; false when the round is not worth going on with. Must not throw.</param>
/// <param name="end">Called once, after the last offer.</param>
/// <remarks>
/// When news comes faster than a round is done, each is left half way. So the next begins where it was left, and nobody is always among those that are not
/// reached.
/// </remarks>
internal sealed class JobRound(int sessions, Func<int, bool> offer, Action end)
{
    // So few that all threads end at the same time, so many that they seldom meet.
    private const int Together = 8;

    private int _first;

    // Counted from the first one.
    private int _next;
    private int _leftAt = int.MaxValue;

    /// <summary>Where the next round is to begin: at the session that this one has not reached, as far as it has come.</summary>
    public int Reached
    {
        get
        {
            var reached = Math.Min(Volatile.Read(ref _next), Volatile.Read(ref _leftAt));
            return reached < sessions ? _first + reached : 0;
        }
    }

    /// <summary>Threads at work; kept by <see cref="JobRounds"/>.</summary>
    public int Threads { get; set; }

    /// <summary>Whether the round is over; kept by <see cref="JobRounds"/>.</summary>
    public bool IsOver { get; set; }

    /// <summary>Sets the session it begins with, before anybody takes part.</summary>
    /// <param name="first">Its number; beyond the last it goes on with number 0.</param>
    public void BeginWith(int first) => _first = sessions == 0 ? 0 : first % sessions;

    /// <summary>Takes part until nothing is left to offer.</summary>
    public void TakePart()
    {
        while (Interlocked.Add(ref _next, Together) - Together is var first && first < sessions)
        {
            for (var session = first; session < Math.Min(first + Together, sessions); session++)
            {
                if (offer((_first + session) % sessions)) continue;
                LeaveAt(session);
                Volatile.Write(ref _next, sessions);
                return;
            }
        }
    }

    /// <summary>Ends the round.</summary>
    public void End() => end();

    // Other threads may have left it further on.
    private void LeaveAt(int session)
    {
        var seen = Volatile.Read(ref _leftAt);
        while (session < seen && Interlocked.CompareExchange(ref _leftAt, session, seen) is var found && found != seen) seen = found;
    }
}

/// <summary>Threads of their own for rounds of new work.</summary>
/// <remarks>
/// A round of ten thousand jobs is a third of a second of processor time. On the threads that everything else runs on, the answer to a submission would
/// wait until the round is over; beside them it gets its turn from the system at once.
/// </remarks>
internal sealed class JobRounds : IDisposable
{
    private readonly object _gate = new();
    private readonly List<Thread> _threads = [];

    // Under the gate.
    private JobRound? _round;
    private bool _ending;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many; with none, whoever begins a round does it all.</param>
    public JobRounds(int threads)
    {
        for (var i = 0; i < threads; i++)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"jobs {i}" };
            thread.Start();
            _threads.Add(thread);
        }
    }

    /// <summary>Begins a round; one that is under way is left to those who are at it.</summary>
    public void Begin(JobRound round)
    {
        lock (_gate)
        {
            if (_round is { Threads: 0, IsOver: false } missed) Over(missed);
            if (_round is not null) round.BeginWith(_round.Reached);
            _round = round;
            Monitor.PulseAll(_gate);
        }
        if (_threads.Count > 0) return;
        round.TakePart();
        Over(round);
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
    }

    private static void Over(JobRound round)
    {
        round.IsOver = true;
        round.End();
    }

    private void Work()
    {
        JobRound? last = null;
        while (Join(last) is { } round)
        {
            last = round;
            round.TakePart();
            lock (_gate)
            {
                // A thread leaves when nothing is left to offer, so the last of them leaves a round that is over.
                if (--round.Threads == 0) Over(round);
            }
        }
    }

    // Waits for a round that this thread has had no part in; null at the end.
    private JobRound? Join(JobRound? last)
    {
        lock (_gate)
        {
            while (!_ending && (_round is null or { IsOver: true } || ReferenceEquals(_round, last))) Monitor.Wait(_gate);
            if (_ending) return null;
            _round!.Threads++;
            return _round;
        }
    }
}
