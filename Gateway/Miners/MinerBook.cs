using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Miners;

namespace Grainpool.Gateway.Miners;

/// <summary>The accounts of all miners seen here lately, and the reports of them that are under way.</summary>
internal sealed class MinerBook(TimeProvider time)
{
    /// <summary>Names kept at most; strangers can make up as many as they like.</summary>
    public const int MostAccounts = 100_000;

    private static readonly TimeSpan KeepIdle = TimeSpan.FromHours(1);

    // How old the cluster's word on a rate may be before our own measure is taken again.
    private static readonly TimeSpan RateAge = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, AddressAccount> _addresses = new(StringComparer.Ordinal);
    private int _accounts;

    /// <summary>All workers of one address, the report under way, and what the cluster said last.</summary>
    private sealed class AddressAccount
    {
        public ConcurrentDictionary<string, WorkerAccount> Workers { get; } = new(StringComparer.Ordinal);

        public long LastSequence { get; set; }

        public WorkReport? UnderWay { get; set; }

        public double ClusterRate { get; set; }

        public DateTimeOffset ClusterRateAt { get; set; } = DateTimeOffset.MinValue;
    }

    /// <summary>All accounts.</summary>
    public IEnumerable<WorkerAccount> Accounts => _addresses.Values.SelectMany(address => address.Workers.Values);

    /// <summary>The account of a worker, made when it is new.</summary>
    /// <returns>Null when there are too many.</returns>
    public WorkerAccount? Open(string address, string worker)
    {
        var workers = _addresses.GetOrAdd(address, static _ => new AddressAccount()).Workers;
        if (workers.TryGetValue(worker, out var known)) return known;
        if (Volatile.Read(ref _accounts) >= MostAccounts) return null;
        var made = new WorkerAccount(address, worker, time.GetUtcNow());
        var account = workers.GetOrAdd(worker, made);
        if (ReferenceEquals(account, made)) Interlocked.Increment(ref _accounts);
        return account;
    }

    /// <summary>Hash rate of an address: over the cluster when it said so lately, else what is seen here.</summary>
    public double HashRate(string address)
    {
        if (!_addresses.TryGetValue(address, out var account)) return 0;
        var now = time.GetUtcNow();
        lock (account)
        {
            if (now - account.ClusterRateAt < RateAge) return account.ClusterRate;
        }
        return account.Workers.Values.Sum(worker => worker.HashRate(now));
    }

    /// <summary>The reports that should go out now: one an address; one that was not answered goes out again as it was.</summary>
    /// <param name="incarnation">This process.</param>
    public ImmutableArray<(string Address, WorkReport Report)> Due(Guid incarnation)
    {
        var now = time.GetUtcNow();
        var due = ImmutableArray.CreateBuilder<(string, WorkReport)>();
        foreach (var (address, account) in _addresses)
        {
            lock (account)
            {
                if (account.UnderWay is null)
                {
                    ImmutableArray<WorkerWork> workers = [.. account.Workers.Values.Select(worker => worker.TakeUnreported()).OfType<WorkerWork>()];
                    if (workers.IsEmpty) continue;
                    account.UnderWay = new WorkReport(incarnation, ++account.LastSequence, now, workers);
                }
                due.Add((address, account.UnderWay));
            }
        }
        return due.DrainToImmutable();
    }

    /// <summary>Takes the answer to a report.</summary>
    public void Answered(string address, WorkReport report, WorkReportAnswer answer)
    {
        if (!_addresses.TryGetValue(address, out var account)) return;
        lock (account)
        {
            (account.ClusterRate, account.ClusterRateAt) = (answer.HashRate, time.GetUtcNow());
            if (answer.AcceptedThrough >= report.Sequence && account.UnderWay?.Sequence == report.Sequence) account.UnderWay = null;
        }
    }

    /// <summary>Forgets workers that have been away for an hour. Their address stays, for the order of its reports; it is small.</summary>
    public void Tidy()
    {
        var now = time.GetUtcNow();
        foreach (var address in _addresses.Values)
        {
            foreach (var (name, worker) in address.Workers)
            {
                if (worker.IsForgettable(now, KeepIdle) && address.Workers.TryRemove(name, out _)) Interlocked.Decrement(ref _accounts);
            }
        }
    }
}
