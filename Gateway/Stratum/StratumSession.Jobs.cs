using Grainpool.Dashboard;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

// The jobs of a miner, and the difficulty they come with. Everything here is under the lock.
internal sealed partial class StratumSession
{
    private readonly Lock _lock = new();
    private readonly GivenJobs _jobs;
    private (MinerName Name, WorkerAccount Account)? _miner;
    private GivenTerms? _terms;
    private Vardiff? _vardiff;
    private UInt256? _suggested;
    private UInt256? _easiestOfMiner;
    private double? _toldDifficulty;
    private DateTimeOffset _suggestedAt = DateTimeOffset.MinValue;
    private DateTimeOffset _lastHeard;
    private DateTimeOffset _lastSaid;

    private int DifficultyFactor => _services.Network.Parent.MinerDifficultyFactor;

    private bool IsAuthorized
    {
        get
        {
            lock (_lock) return _miner is not null;
        }
    }

    private DateTimeOffset LastHeard
    {
        get
        {
            lock (_lock) return _lastHeard;
        }
        set
        {
            lock (_lock) _lastHeard = value;
        }
    }

    private DateTimeOffset LastSaid
    {
        set
        {
            lock (_lock) _lastSaid = value;
        }
    }

    /// <summary>Gives the miner its job of a round of new work; one that has not authorised gets none.</summary>
    /// <returns>False when there is newer work: it has a round of its own.</returns>
    public bool Offer(JobBatch batch)
    {
        lock (_lock)
        {
            // Under the lock, so that nobody is given an older job after a newer one.
            if (!ReferenceEquals(_services.Work.Work, batch.Work)) return false;
            // One that has just logged in may have it already.
            if (_miner is not { } miner || (_jobs.Count > 0 && ReferenceEquals(_jobs.Last.Job.Work, batch.Work))) return true;
            Give(batch.For(miner.Name.Address, miner.Name.ShareTarget, IsCleanFor(batch.Work)));
        }
        _outbox.Send();
        return true;
    }

    private void BeginMining(MinerName name, WorkerAccount account, RememberedDifficulty remembered)
    {
        var settings = _services.Settings;
        _miner = (name, account);
        if (_vardiff is not null) return;
        var start = _suggested ?? (remembered.Value > 0 ? MinerDifficulty.ToTarget(remembered.Value, DifficultyFactor) : settings.Start);
        _vardiff = new Vardiff(
            settings.Interval, settings.Hardest, settings.Easiest, start, _services.Time.GetUtcNow(), _suggested is null && remembered.HasWorked);
    }

    private void TickJobs(JobBatch? batch, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_miner is not { } miner) return;
            var isHarderOrEasier = _vardiff!.Tick(now) && IsTargetChanged;
            // Miners reconnect when they hear nothing; under an old id the job would be ignored.
            if (!isHarderOrEasier && now - _lastSaid < _services.Settings.Repeat) return;
            // Newer work has a round of its own.
            if (batch is null || !ReferenceEquals(_services.Work.Work, batch.Work)) return;
            Give(batch.For(miner.Name.Address, miner.Name.ShareTarget, IsCleanFor(batch.Work)));
        }
        _outbox.Send();
    }

    // A new difficulty counts from the next job on, so it comes with one.
    private void GiveNewJobIfChanged()
    {
        if (IsTargetChanged) GiveNewJob();
    }

    private bool IsTargetChanged => _jobs.Count > 0 && UInt256.Max(OwnTarget().Target, _jobs.Last.Job.ShareTarget) != _jobs.Last.Target;

    private bool GiveNewJob()
    {
        if (_miner is not { } miner || _services.Work.Work is not { } work) return false;
        var address = miner.Name.Address;
        // Never one that anybody had: a miner that comes back goes on with its old job for a moment, which is not to be one it has here.
        var job = _services.Jobs.Create(work, address, _services.Book.HashRate(address), miner.Name.ShareTarget, IsCleanFor(work));
        Give(job);
        job.Notify.RemoveUser();
        return true;
    }

    // By what this miner had last: it may have missed a round that was overtaken by the next.
    private bool IsCleanFor(PoolWork work) => _jobs.Count > 0 && !work.Continues(_jobs.Last.Job.Work);

    private void Give(PreparedJob prepared)
    {
        var account = _miner!.Value.Account;
        var (own, bound) = OwnTarget();
        if (_terms is not { } terms || terms.Target != own || terms.Account != account) _terms = terms = new GivenTerms(own, account);
        var given = new GivenJob(prepared.Job, terms, _services.Time.GetUtcNow());
        var difficulty = given.Difficulty(DifficultyFactor);
        if (difficulty != _toldDifficulty)
        {
            Say(output => StratumWriter.SetDifficulty(output, difficulty));
            _toldDifficulty = difficulty;
        }
        Say(prepared.Notify);
        account.Given(difficulty, given.Target == own ? bound : DifficultyBound.Share, prepared.Job.ShareTarget);
        _jobs.Add(given);
    }

    // What submissions are to meet as far as the miner's speed and wishes go. They are never asked to be harder than a share: a share counts whatever
    // its job asked for, and would be booked as work that nobody did.
    private (UInt256 Target, DifficultyBound Bound) OwnTarget()
    {
        var settings = _services.Settings;
        var (target, bound) = _miner!.Value.Name.SubmissionTarget is { } wished
            ? (UInt256.Clip(wished, settings.Hardest, settings.Easiest), DifficultyBound.Miner)
            : (_vardiff!.Target, _vardiff.IsAtEasiest ? DifficultyBound.Least : DifficultyBound.None);
        return _easiestOfMiner is { } easiest && easiest < target ? (UInt256.Max(easiest, settings.Hardest), DifficultyBound.Miner) : (target, bound);
    }
}
