namespace Grainpool.Gateway.Stratum;

/// <summary>One round of new work: every session is to be offered its job, by as many threads as come.</summary>
/// <param name="sessions">How many there are.</param>
/// <param name="offer">Offers one of them, by its number, its job; false when the round is not worth going on with. Must not throw.</param>
/// <param name="end">Called once, after the last offer.</param>
internal sealed class JobRound(int sessions, Func<int, bool> offer, Action end)
{
    // So few that all threads end at the same time, so many that they seldom meet.
    private const int Together = 8;

    private int _next;

    /// <summary>Threads at work; kept by <see cref="JobRounds"/>.</summary>
    public int Threads { get; set; }

    /// <summary>Whether the round is over; kept by <see cref="JobRounds"/>.</summary>
    public bool IsOver { get; set; }

    /// <summary>Takes part until nothing is left to offer.</summary>
    public void TakePart()
    {
        while (Interlocked.Add(ref _next, Together) - Together is var first && first < sessions)
        {
            for (var session = first; session < Math.Min(first + Together, sessions); session++)
            {
                if (offer(session)) continue;
                Volatile.Write(ref _next, sessions);
                return;
            }
        }
    }

    /// <summary>Ends the round.</summary>
    public void End() => end();
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
        if (_threads.Count == 0)
        {
            round.TakePart();
            round.End();
            return;
        }
        lock (_gate)
        {
            if (_round is { Threads: 0, IsOver: false } missed) Over(missed);
            _round = round;
            Monitor.PulseAll(_gate);
        }
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
