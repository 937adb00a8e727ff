using System.Collections.Immutable;
using System.Diagnostics;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.LoadGenerator;

/// <summary>A block to build on, and when the connections learned of it.</summary>
/// <param name="previousBlock">The block.</param>
/// <param name="number">Its place in the order in which rounds were seen first.</param>
/// <param name="first">When the first connection read a job for it: <see cref="Stopwatch.GetTimestamp"/>, which all processes of a machine share on Linux.</param>
internal sealed class Round(Hash256 previousBlock, long number, long first)
{
    private long _last = first;
    private long _renewed;
    private int _readers;

    /// <summary>The block.</summary>
    public Hash256 PreviousBlock => previousBlock;

    /// <summary>Its place in the order in which rounds were seen first: many are read at one time.</summary>
    public long Number => number;

    /// <summary>When the first connection read a job for it.</summary>
    public long First { get; } = first;

    /// <summary>When the last connection read its first job for it.</summary>
    public long Last => Interlocked.Read(ref _last);

    /// <summary>How many connections did.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <summary>When a connection last read a clean job on it that was not its first: there was another share by then. 0 while none did.</summary>
    public long Renewed => Interlocked.Read(ref _renewed);

    /// <summary>When a newer one was seen; 0 while there is none.</summary>
    public long Superseded { get; set; }

    /// <summary>What its jobs pay in all, by the first entry of the branch, which names the transactions.</summary>
    public ulong? Total { get; set; }

    /// <summary>The first branch entry for which <see cref="Total"/> was read.</summary>
    public Hash256 TotalBranch { get; set; }

    /// <summary>One more connection has it.</summary>
    public void Read(long at)
    {
        Interlocked.Increment(ref _readers);
        Raise(ref _last, at);
    }

    /// <summary>A connection was told that there is another share.</summary>
    public void Renew(long at) => Raise(ref _renewed, at);

    private static void Raise(ref long place, long at)
    {
        for (var seen = Interlocked.Read(ref place); at > seen;)
        {
            var before = Interlocked.CompareExchange(ref place, at, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}

/// <summary>Knows which job is the newest, from all connections together and from a daemon where there is one.</summary>
internal sealed class WorkWatch(TimeSpan grace)
{
    private const int MostRounds = 4096;
    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, Round> _rounds = [];
    private readonly List<Round> _order = [];
    private readonly HashSet<Hash256> _formerTips = [];
    private Hash256? _tip;
    private long _tipSince;
    private long _seen;
    private volatile Round? _newest;

    /// <summary>The newest round.</summary>
    public Round? Newest => _newest;

    /// <summary>All rounds, in the order in which they were seen first.</summary>
    public ImmutableArray<Round> Rounds
    {
        get
        {
            lock (_lock) return [.. _order];
        }
    }

    /// <summary>The round of a job that was read now.</summary>
    /// <param name="previousBlock">What the job builds on.</param>
    /// <param name="now">When it was read.</param>
    /// <param name="fault">Why the job should not have been sent; null when it is fine.</param>
    public Round Take(Hash256 previousBlock, long now, out string? fault)
    {
        var round = _newest;
        fault = null;
        if (round is null || round.PreviousBlock != previousBlock)
        {
            lock (_lock)
            {
                if (!_rounds.TryGetValue(previousBlock, out round))
                {
                    round = new Round(previousBlock, ++_seen, now);
                    if (_newest is { } before) before.Superseded = now;
                    _rounds.Add(previousBlock, round);
                    _order.Add(round);
                    if (_order.Count > MostRounds)
                    {
                        _rounds.Remove(_order[0].PreviousBlock);
                        _order.RemoveAt(0);
                    }
                    _newest = round;
                }
                else if (round.Superseded != 0 && Stopwatch.GetElapsedTime(round.Superseded, now) > grace)
                    fault = $"a job on {round.PreviousBlock} came {Stopwatch.GetElapsedTime(round.Superseded, now).TotalSeconds:0.0} s after one on a newer block";
            }
        }
        if (_tip is not null && fault is null) fault = AgainstTip(previousBlock, now);
        return round;
    }

    /// <summary>The daemon's tip at this moment.</summary>
    public void Saw(Hash256 tip, long now)
    {
        lock (_lock)
        {
            if (_tip == tip) return;
            if (_tip is { } former) _formerTips.Add(former);
            _formerTips.Remove(tip);
            (_tip, _tipSince) = (tip, now);
        }
    }

    private string? AgainstTip(Hash256 previousBlock, long now)
    {
        lock (_lock)
        {
            if (previousBlock == _tip || !_formerTips.Contains(previousBlock)) return null;
            var late = Stopwatch.GetElapsedTime(_tipSince, now);
            return late > grace ? $"a job on {previousBlock} came {late.TotalSeconds:0.0} s after the daemon had another tip" : null;
        }
    }
}
