using Grainpool.Dashboard;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Miners;

/// <summary>What one worker of one address did at this gateway. Safe from any thread.</summary>
internal sealed class WorkerAccount
{
    private readonly Lock _lock = new();
    private readonly RateWindow _rate = new();
    private long _accepted, _dead, _staleBlock, _unknownJob, _rejected, _shares;
    private WorkerWork _unreported;
    private double _difficulty;
    private double _workedDifficulty;
    private DifficultyBound _bound;
    private UInt256 _shareTarget = UInt256.MaxValue;
    private int _connections;
    private DateTimeOffset _lastSeen;

    public WorkerAccount(string address, string worker, DateTimeOffset openedAt)
    {
        (Address, Worker, _lastSeen) = (address, worker, openedAt);
        _unreported = Nothing(worker);
        Idle = new LinkedListNode<WorkerAccount>(this);
    }

    public string Address { get; }

    public string Worker { get; }

    /// <summary>Its place among those without a connection; kept by the book.</summary>
    public LinkedListNode<WorkerAccount> Idle { get; }

    /// <summary>Difficulty it worked at last here, or was given when it has not worked yet; 0 before its first job.</summary>
    /// <remarks>Anybody can log in under its name and wish for any difficulty: that is to change nothing for a worker that returns.</remarks>
    public double Difficulty
    {
        get
        {
            lock (_lock) return _workedDifficulty > 0 ? _workedDifficulty : _difficulty;
        }
    }

    /// <summary>When it last connected, disconnected or submitted.</summary>
    public DateTimeOffset LastSeen
    {
        get
        {
            lock (_lock) return _lastSeen;
        }
    }

    /// <summary>Whether it ever met a target. Submissions that did not cost it nothing.</summary>
    public bool HasWorked
    {
        get
        {
            lock (_lock) return _accepted + _dead + _staleBlock > 0;
        }
    }

    /// <summary>Whether something was booked since <see cref="TakeUnreported"/>.</summary>
    public bool HasUnreported
    {
        get
        {
            lock (_lock) return HasBooked(_unreported);
        }
    }

    /// <summary>A connection begins, or ends, to mine under this name.</summary>
    /// <returns>How many there are now.</returns>
    public int Connected(int change, DateTimeOffset now)
    {
        lock (_lock)
        {
            _lastSeen = now;
            return _connections += change;
        }
    }

    /// <summary>Takes note of the job it was given.</summary>
    public void Given(double difficulty, DifficultyBound bound, UInt256 shareTarget)
    {
        lock (_lock) (_difficulty, _bound, _shareTarget) = (difficulty, bound, shareTarget);
    }

    /// <summary>Books a submission.</summary>
    /// <param name="result">What it was.</param>
    /// <param name="hashes">Expected hashes of it.</param>
    /// <param name="share">Whether it is a share.</param>
    /// <param name="now">The time.</param>
    /// <param name="difficulty">What it was to meet, as the miner was told it; 0 tells nothing.</param>
    public void Book(SubmissionResult result, double hashes, bool share, DateTimeOffset now, double difficulty = 0)
    {
        lock (_lock)
        {
            _lastSeen = now;
            switch (result)
            {
                case SubmissionResult.Accepted:
                    _accepted++;
                    if (share) _shares++;
                    _rate.Add(hashes, dead: false, now);
                    if (difficulty > 0) _workedDifficulty = difficulty;
                    _unreported = _unreported with
                    {
                        Difficulty = _workedDifficulty,
                        Accepted = _unreported.Accepted + 1,
                        AcceptedHashes = _unreported.AcceptedHashes + hashes,
                        Shares = _unreported.Shares + (share ? 1 : 0),
                    };
                    break;
                case SubmissionResult.DeadOnArrival or SubmissionResult.StaleBlock or SubmissionResult.UnknownJob:
                    CountLate(result);
                    _rate.Add(hashes, dead: true, now);
                    _unreported = _unreported with { Stale = _unreported.Stale + 1, StaleHashes = _unreported.StaleHashes + hashes };
                    break;
                default:
                    _rejected++;
                    _unreported = _unreported with { Rejected = _unreported.Rejected + 1 };
                    break;
            }
        }
    }

    /// <summary>What was booked since the last call; null for nothing.</summary>
    public WorkerWork? TakeUnreported()
    {
        lock (_lock)
        {
            if (!HasBooked(_unreported)) return null;
            var work = _unreported;
            _unreported = Nothing(Worker);
            return work;
        }
    }

    /// <summary>Hashes per second here.</summary>
    public double HashRate(DateTimeOffset now)
    {
        lock (_lock) return _rate.Rate(now).All;
    }

    /// <summary>The account as the pages show it.</summary>
    public LocalMiner Show(DateTimeOffset now)
    {
        lock (_lock)
        {
            var (all, dead) = _rate.Rate(now);
            return new LocalMiner(
                Worker.Length == 0 ? Address : $"{Address}.{Worker}", Address, all, dead, Targets.Difficulty(_shareTarget),
                _connections, _accepted, _dead + _staleBlock + _unknownJob, _rejected, _shares)
            {
                Difficulty = _difficulty,
                Bound = _bound,
                StaleByShare = _dead,
                StaleByBlock = _staleBlock,
                StaleByJob = _unknownJob,
            };
        }
    }

    private void CountLate(SubmissionResult result)
    {
        if (result == SubmissionResult.DeadOnArrival) _dead++;
        else if (result == SubmissionResult.StaleBlock) _staleBlock++;
        else _unknownJob++;
    }

    private static bool HasBooked(WorkerWork work) => work is not { Accepted: 0, Stale: 0, Rejected: 0 };

    private static WorkerWork Nothing(string worker) => new(worker, 0, 0, 0, 0, 0, 0, 0);
}
