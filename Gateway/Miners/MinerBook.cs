using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Miners;

namespace Grainpool.Gateway.Miners;

/// <summary>The accounts of all miners seen here lately, and the reports of them that are under way. Safe from any thread.</summary>
/// <remarks>
/// Strangers can make up as many names as they like. So whoever has done no work is forgotten soon after its last connection, and when the book is full
/// it gives way to whoever comes next.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="mostAccounts">Names kept at most.</param>
internal sealed class MinerBook(TimeProvider time, int mostAccounts = MinerBook.MostAccounts)
{
    /// <summary>Names kept at most, as a rule.</summary>
    public const int MostAccounts = 100_000;

    // Of all addresses together, some 25 MB; beyond that only an address that has none under way reports.
    private const int MostReports = 100_000;

    private static readonly TimeSpan KeepWorker = TimeSpan.FromHours(1);

    // Long enough to return after a broken connection and go on with the difficulty it had.
    private static readonly TimeSpan KeepStranger = TimeSpan.FromMinutes(2);

    // How old the cluster's word on a rate may be before our own measure is taken again.
    private static readonly TimeSpan RateAge = TimeSpan.FromMinutes(2);

    // Under the lock.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AddressAccount> _addresses = new(StringComparer.Ordinal);
    private readonly LinkedList<WorkerAccount> _idleStrangers = new();
    private readonly LinkedList<WorkerAccount> _idleWorkers = new();
    private int _accounts;
    private int _reports;
    private long _lastSequence;

    /// <summary>All workers of one address, the reports under way, and what the cluster said last.</summary>
    private sealed class AddressAccount
    {
        private DateTimeOffset _clusterRateAt = DateTimeOffset.MinValue;

        public Dictionary<string, WorkerAccount> Workers { get; } = new(StringComparer.Ordinal);

        public PendingReports Reports { get; } = new();

        public double ClusterRate { get; private set; }

        public void ClusterSays(double rate, DateTimeOffset now) => (ClusterRate, _clusterRateAt) = (rate, now);

        public bool KnowsClusterRate(DateTimeOffset now) => now - _clusterRateAt < RateAge;

        public double LocalRate(DateTimeOffset now) => Workers.Values.Sum(worker => worker.HashRate(now));
    }

    /// <summary>All accounts.</summary>
    public ImmutableArray<WorkerAccount> Accounts
    {
        get
        {
            lock (_lock) return [.. _addresses.Values.SelectMany(address => address.Workers.Values)];
        }
    }

    /// <summary>Addresses of which anything is kept.</summary>
    public int Addresses
    {
        get
        {
            lock (_lock) return _addresses.Count;
        }
    }

    /// <summary>A connection begins to mine under this name; <see cref="Close"/> must follow once.</summary>
    /// <returns>The account of the worker, made when it is new; null when the book is full of others that are connected.</returns>
    public WorkerAccount? Open(string address, string worker)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var account = _addresses.GetValueOrDefault(address)?.Workers.GetValueOrDefault(worker);
            if (account is null)
            {
                if (_accounts >= mostAccounts && !MakeRoom()) return null;
                account = Add(new WorkerAccount(address, worker, now));
            }
            account.Idle.List?.Remove(account.Idle);
            account.Connected(1, now);
            return account;
        }
    }

    /// <summary>A connection ends to mine under this name.</summary>
    public void Close(WorkerAccount account)
    {
        lock (_lock)
        {
            if (account.Connected(-1, time.GetUtcNow()) == 0) (account.HasWorked ? _idleWorkers : _idleStrangers).AddLast(account.Idle);
        }
    }

    /// <summary>Hash rate of an address: over the cluster when it said so lately, else what is seen here.</summary>
    public double HashRate(string address)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (!_addresses.TryGetValue(address, out var account)) return 0;
            return account.KnowsClusterRate(now) ? account.ClusterRate : account.LocalRate(now);
        }
    }

    /// <summary>Takes what is remembered of the rate of an address, until there is fresher word, unless more is seen here.</summary>
    /// <param name="address">Of an open account, else nothing happens.</param>
    /// <param name="rate">Hashes per second; 0 tells nothing.</param>
    public void Recalled(string address, double rate)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_addresses.TryGetValue(address, out var account) && !account.KnowsClusterRate(now) && rate > account.LocalRate(now))
                account.ClusterSays(rate, now);
        }
    }

    /// <summary>The reports that should go out now, one an address: what was not answered goes out again as it was, and the last one until it is stored.</summary>
    /// <param name="incarnation">This process.</param>
    public ImmutableArray<(string Address, WorkReport Report)> Due(Guid incarnation)
    {
        var now = time.GetUtcNow();
        var due = ImmutableArray.CreateBuilder<(string, WorkReport)>();
        lock (_lock)
        {
            foreach (var (address, account) in _addresses)
            {
                if (account.Reports.MayGrow(now) && (_reports < MostReports || account.Reports.Count == 0))
                {
                    ImmutableArray<WorkerWork> workers = [.. account.Workers.Values.Select(worker => worker.TakeUnreported()).OfType<WorkerWork>()];
                    if (!workers.IsEmpty)
                    {
                        account.Reports.Add(new WorkReport(incarnation, ++_lastSequence, now, workers));
                        _reports++;
                    }
                }
                if (account.Reports.Next is { } next) due.Add((address, next));
            }
        }
        return due.DrainToImmutable();
    }

    /// <summary>Takes the answer to a report.</summary>
    /// <returns>Another report that should go out at once, since the account lacks it; null for none.</returns>
    public WorkReport? Answered(string address, WorkReportAnswer answer)
    {
        lock (_lock)
        {
            if (!_addresses.TryGetValue(address, out var account)) return null;
            account.ClusterSays(answer.HashRate, time.GetUtcNow());
            _reports -= account.Reports.Take(answer);
            RemoveIfEmpty(address, account);
            return account.Reports.AreBooked ? null : account.Reports.Next;
        }
    }

    /// <summary>Forgets workers that have been away for an hour, and strangers that have been for two minutes.</summary>
    public void Tidy()
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            while (_idleStrangers.First is { Value: var stranger } && now - stranger.LastSeen > KeepStranger) Remove(stranger);
            for (var left = _idleWorkers.Count; left > 0 && _idleWorkers.First!.Value is var worker && now - worker.LastSeen > KeepWorker; left--)
            {
                Remove(worker);
                if (worker.HasUnreported) _idleWorkers.AddLast(Add(worker).Idle);
            }
        }
    }

    // By whoever has been away for the longest, strangers first. Work that is not reported yet keeps its worker.
    private bool MakeRoom()
    {
        var longest = (_idleStrangers.First ?? _idleWorkers.First)?.Value;
        if (longest is null || (longest.HasWorked && longest.HasUnreported)) return false;
        Remove(longest);
        return true;
    }

    private WorkerAccount Add(WorkerAccount account)
    {
        if (!_addresses.TryGetValue(account.Address, out var address)) _addresses.Add(account.Address, address = new AddressAccount());
        address.Workers.Add(account.Worker, account);
        _accounts++;
        return account;
    }

    private void Remove(WorkerAccount account)
    {
        account.Idle.List?.Remove(account.Idle);
        var address = _addresses[account.Address];
        address.Workers.Remove(account.Worker);
        _accounts--;
        RemoveIfEmpty(account.Address, address);
    }

    // A report without accepted work is not worth waiting for: anybody can make up what it counts.
    private void RemoveIfEmpty(string name, AddressAccount address)
    {
        if (address.Workers.Count > 0 || address.Reports.TellOfWork) return;
        _reports -= address.Reports.Count;
        _addresses.Remove(name);
    }
}
