using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Miners;

namespace Grainpool.Grains.Miners;

/// <summary>What one payout address has worked.</summary>
internal sealed class MinerAccount
{
    /// <summary>Workers told apart; the work of further ones is booked under <see cref="OtherWorkers"/>.</summary>
    public const int MostWorkers = 500;

    /// <summary>Name that stands for all workers beyond <see cref="MostWorkers"/>.</summary>
    public const string OtherWorkers = "…";

    // Gateway processes remembered. One that comes back after so many others would be a stranger.
    private const int MostIncarnations = 64;

    private readonly Dictionary<string, WorkerWork> _workers = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<Guid, long> _booked = [];
    private RateWindow _recent = new();
    private DateTimeOffset? _firstSeen;
    private DateTimeOffset? _lastSeen;

    /// <summary>Whether any work was ever accepted; nothing is stored for an address before.</summary>
    public bool HasWorked => _firstSeen is not null;

    /// <summary>Books a report unless it has been, or the one before it has not.</summary>
    /// <returns>Whether it was booked now.</returns>
    public bool Book(WorkReport report, DateTimeOffset now)
    {
        var through = _booked.GetValueOrDefault(report.Incarnation);
        if (report.Sequence <= through || report.After > through) return false;
        _booked.Remove(report.Incarnation);
        _booked.Add(report.Incarnation, report.Sequence);
        if (_booked.Count > MostIncarnations) _booked.RemoveAt(0);

        _lastSeen = now;
        foreach (var work in report.Workers)
        {
            if (work.Accepted > 0) _firstSeen ??= now;
            _recent.Add(work.AcceptedHashes, now);
            Add(work);
        }

        return true;
    }

    /// <summary>Last sequence booked for a gateway process; 0 for none.</summary>
    public long BookedThrough(Guid incarnation) => _booked.GetValueOrDefault(incarnation);

    public double HashRate(DateTimeOffset now) => _recent.Rate(_firstSeen, now);

    public double? LastDifficulty(string worker) => _workers.TryGetValue(worker, out var work) && work.Difficulty > 0 ? work.Difficulty : null;

    public MinerSnapshot Snapshot(string address, DateTimeOffset now) =>
        new(address, _firstSeen, _lastSeen, HashRate(now), [.. _workers.Values.OrderBy(work => work.Worker, StringComparer.Ordinal)]);

    public MinerState ToState() => new()
    {
        FirstSeen = _firstSeen,
        LastSeen = _lastSeen,
        Workers =
        [
            .. _workers.Values.Select(work => new WorkerState
            {
                Worker = work.Worker,
                Accepted = work.Accepted,
                AcceptedHashes = work.AcceptedHashes,
                Stale = work.Stale,
                StaleHashes = work.StaleHashes,
                Rejected = work.Rejected,
                Shares = work.Shares,
                Difficulty = work.Difficulty,
            }),
        ],
        Booked = [.. _booked.Select(booked => new BookedState { Incarnation = booked.Key, Sequence = booked.Value })],
        Recent = new Dictionary<long, double>(_recent.Kept),
    };

    public static MinerAccount Of(MinerState state)
    {
        var account = new MinerAccount { _firstSeen = state.FirstSeen, _lastSeen = state.LastSeen, _recent = RateWindow.Of(state.Recent) };
        foreach (var worker in state.Workers) account._workers[worker.Worker] = ToWork(worker);
        foreach (var booked in state.Booked) account._booked[booked.Incarnation] = booked.Sequence;
        return account;
    }

    /// <summary>One account of what another activation stored and what we booked since we loaded.</summary>
    /// <param name="stored">What is stored now.</param>
    /// <param name="ours">What we have.</param>
    /// <param name="common">What both began with: what we had last read or written.</param>
    public static MinerState Merge(MinerState stored, MinerState ours, MinerState common)
    {
        var before = common.Workers.ToDictionary(worker => worker.Worker, ToWork, StringComparer.Ordinal);
        var merged = Of(stored);
        merged._firstSeen = Earlier(stored.FirstSeen, ours.FirstSeen);
        merged._lastSeen = stored.LastSeen > ours.LastSeen ? stored.LastSeen : ours.LastSeen ?? stored.LastSeen;
        foreach (var worker in ours.Workers)
        {
            var work = ToWork(worker);
            merged.Add(before.TryGetValue(worker.Worker, out var known) ? Difference(work, known) : work);
        }

        foreach (var booked in ours.Booked)
            if (booked.Sequence > merged._booked.GetValueOrDefault(booked.Incarnation)) merged._booked[booked.Incarnation] = booked.Sequence;
        var recent = stored.Recent.Keys.Union(ours.Recent.Keys).ToDictionary(
            step => step,
            step => stored.Recent.GetValueOrDefault(step) + ours.Recent.GetValueOrDefault(step) - common.Recent.GetValueOrDefault(step));
        merged._recent = RateWindow.Of(recent);
        var state = merged.ToState();
        state.Revision = Math.Max(stored.Revision, ours.Revision);
        return state;
    }

    private void Add(WorkerWork work)
    {
        var name = work.Worker;
        if (!_workers.ContainsKey(name) && _workers.Count >= MostWorkers) name = OtherWorkers;
        _workers[name] = _workers.TryGetValue(name, out var known) ? Sum(known, work) : work with { Worker = name };
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;

    private static WorkerWork Sum(WorkerWork known, WorkerWork more) => new(
        known.Worker,
        known.Accepted + more.Accepted,
        known.AcceptedHashes + more.AcceptedHashes,
        known.Stale + more.Stale,
        known.StaleHashes + more.StaleHashes,
        known.Rejected + more.Rejected,
        known.Shares + more.Shares,
        more.Difficulty > 0 ? more.Difficulty : known.Difficulty);

    private static WorkerWork Difference(WorkerWork now, WorkerWork before) => new(
        now.Worker,
        now.Accepted - before.Accepted,
        now.AcceptedHashes - before.AcceptedHashes,
        now.Stale - before.Stale,
        now.StaleHashes - before.StaleHashes,
        now.Rejected - before.Rejected,
        now.Shares - before.Shares,
        now.Difficulty);

    private static WorkerWork ToWork(WorkerState worker) => new(
        worker.Worker, worker.Accepted, worker.AcceptedHashes, worker.Stale, worker.StaleHashes, worker.Rejected, worker.Shares, worker.Difficulty);
}
