using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Work;
using Grainpool.GrainInterfaces.Miners;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

// The requests of a miner.
internal sealed partial class StratumSession
{
    private const int Extranonce2Size = 4;
    private const int MaxNames = 32;

    // All that a miner answers later has another id, or none that matters.
    private const int OurRequestId = 1_000_000;

    // The daemon refuses a time more than two hours ahead of its own; half of it leaves room for wrong clocks.
    private const uint MaxTimeAhead = 3600;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);
    private static readonly StratumError LongName = new(
        StratumErrorCode.Unauthorized, $"The user name is too long: {MinerName.MaxUserName} characters at most.");

    private static readonly StratumError TooManyNames = new(
        StratumErrorCode.Unauthorized, $"This connection has logged in {MaxNames} workers, which is the most: use another connection for more.");

    private static readonly StratumError PoolIsFull = new(StratumErrorCode.Unauthorized, "This gateway has as many workers as it can count: try again later.");

    private readonly Dictionary<(string Address, string Worker), WorkerAccount> _names = [];
    private (string UserName, WorkerAccount? Account)? _named;
    private string _agent = "an unnamed program";
    private bool _hasNamedItself;
    private bool _isSubscribed;
    private bool _isRefused;
    private uint _versionMask;

    private static string ProgramVersion { get; } = $"grainpool/{typeof(StratumSession).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>What a worker starts with: 0 for like a new one; and whether it did accepted work at that.</summary>
    private readonly record struct RememberedDifficulty(double Value, bool HasWorked);

    private void Subscribe(SubscribeRequest request)
    {
        if (request.UserAgent is { Length: > 0 } agent) Name(agent);
        _isSubscribed = true;
        lock (_lock)
        {
            // The miner starts again at difficulty 1.
            _toldDifficulty = null;
            Say(output => StratumWriter.Subscribed(output, request.Id, _sessionId, Extranonce1, Extranonce2Size));
            if (_miner is not null && GiveNewJob()) _allowance.Take(_services.Time.GetUtcNow(), WeightOfJob);
        }
    }

    private void Name(string agent) => (_agent, _hasNamedItself) = (Printable(agent), true);

    // Version bits may be rolled as in the legacy nodes: the share carries the version its header has.
    private void Configure(ConfigureRequest request)
    {
        if (request.Extensions.Contains(VersionRolling.Extension)) _versionMask = VersionRolling.AllowedMask & request.VersionMask;
        lock (_lock)
        {
            if (request.Extensions.Contains("minimum-difficulty"))
                _easiestOfMiner = request.MinimumDifficulty is { } least ? MinerDifficulty.ToTarget(least, DifficultyFactor) : null;
            // It can be promised only where no share is ever easier than that.
            var isKept = _easiestOfMiner >= _services.Network.MaxTarget;
            Say(output => StratumWriter.Configured(output, request, _versionMask, isKept));
        }
    }

    private async Task AuthorizeAsync(AuthorizeRequest request, CancellationToken cancellation)
    {
        if (!_isSubscribed)
        {
            Say(output => StratumWriter.Error(output, request.Id, StratumError.NotSubscribed));
            return;
        }

        if (request.UserName.Length > MinerName.MaxUserName)
        {
            RefuseName(request, LongName);
            return;
        }
        var name = MinerName.Parse(request.UserName).WithPassword(request.Password, DifficultyFactor);
        var judged = PayeeAddress.Judge(name.Address, _services.Network.Parent);
        if (!judged.IsAccepted)
        {
            RefuseName(request, new StratumError(StratumErrorCode.Unauthorized, judged.Explanation));
            return;
        }
        if (_services.Hosts.BanOf(_origin.Host, name.Address, name.Worker) is { } ban)
        {
            RefuseName(request, new StratumError(
                StratumErrorCode.Unauthorized,
                $"This worker misbehaved, at last with {ban.Last.Sentence()}, and is locked out for another {Math.Ceiling(ban.Left.TotalMinutes)} min: look at the miner's log for what was refused."));
            return;
        }
        var isNew = !_names.TryGetValue((name.Address, name.Worker), out var account);
        if (isNew)
        {
            account = _names.Count < MaxNames ? _services.Book.Open(name.Address, name.Worker) : null;
            if (account is null)
            {
                Refuse(request, _names.Count < MaxNames ? PoolIsFull : TooManyNames);
                return;
            }
            _names.Add((name.Address, name.Worker), account);
            _named = null;
            LogNamed(_origin.Name, name.Address, name.Worker, _agent);
        }

        var remembered = isNew ? await RecallAsync(account!) : default;
        if (!await HasWorkAsync(cancellation)) return;
        lock (_lock)
        {
            BeginMining(name, account!, remembered);
            // An answer without a job crashes a miner in use.
            if (!GiveNewJob()) return;
            _allowance.Take(_services.Time.GetUtcNow(), WeightOfJob);
            Say(output => StratumWriter.Result(output, request.Id, true));
            TellFee();
            if (!_hasNamedItself) Say(output => StratumWriter.AskVersion(output, OurRequestId));
        }
        if (_standing == Standing.Unknown) Stand(Standing.LoggedIn);
        Instruments.Authorizations.WithLabels("accepted").Inc();
    }

    // Everybody finds it on the pool's page as well.
    private void TellFee()
    {
        if (_services.Fee is { Address: not null, Percent: > 0 } fee)
            Tell(string.Create(CultureInfo.InvariantCulture, $"The operator of this node takes a fee: {fee.Percent} % of your work is for {fee.Address}."));
    }

    // Only programs that are known to bear it are told anything.
    private void Tell(string text)
    {
        if (MinerPrograms.ShowsMessages(_agent)) Say(output => StratumWriter.ShowMessage(output, text));
    }

    private void Refuse(AuthorizeRequest request, StratumError error)
    {
        Instruments.Authorizations.WithLabels("refused").Inc();
        // What costs no points may be asked again and again.
        if (!_isRefused) LogRefused(_origin.Name, error.Text);
        _isRefused = true;
        // The programs in use say of an error at login that there was one, and not which.
        Tell(error.Text);
        Say(output => StratumWriter.Error(output, request.Id, error));
    }

    private void RefuseName(AuthorizeRequest request, StratumError error)
    {
        Refuse(request, error);
        Blame(Offence.RefusedName);
    }

    // Held while there is none; the miner is told nothing meanwhile, and is sent away before it loses patience.
    private async Task<bool> HasWorkAsync(CancellationToken cancellation)
    {
        try
        {
            await _services.Work.WaitAsync(_services.Settings.Hold, _services.Time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            LogNoWork(_origin.Name, _services.Work.NoWorkReason);
            Close("there is no work");
            return false;
        }
    }

    // What the cluster remembers is a courtesy: without it the miner starts where it was at this gateway, or like a new one.
    private async Task<RememberedDifficulty> RecallAsync(WorkerAccount account)
    {
        RecalledWorker recalled;
        try
        {
            recalled = await _services.Silo.RecallAsync(account.Address, account.Worker).WaitAsync(AskTimeout, _services.Time);
        }
        catch (Exception)
        {
            recalled = new RecalledWorker(null, 0);
        }
        // Known before the first job, or that would be as easy as a stranger's. After a long pause the rate is 0; the difficulty tells what it was.
        var worked = recalled.Difficulty ?? (account.HasWorked ? account.Difficulty : 0);
        var rate = recalled.HashRate > 0 || worked <= 0 ? recalled.HashRate
            : Targets.AverageAttempts(MinerDifficulty.ToTarget(worked, DifficultyFactor)).ToDouble() / _services.Settings.Interval.TotalSeconds;
        _services.Book.Recalled(account.Address, rate);
        return worked > 0 ? new RememberedDifficulty(worked, HasWorked: true) : new RememberedDifficulty(account.Difficulty, HasWorked: false);
    }

    private void Leave()
    {
        lock (_lock) _miner = null;
        Stand(Standing.Unknown);
        foreach (var account in _names.Values) _services.Book.Close(account);
    }

    private void Suggest(StratumId id, UInt256 target)
    {
        var now = _services.Time.GetUtcNow();
        lock (_lock)
        {
            // Every change costs a job.
            var taken = now - _suggestedAt >= _services.Settings.Interval;
            Say(output => StratumWriter.Result(output, id, taken));
            if (!taken) return;
            _suggestedAt = now;
            if (_vardiff is null) _suggested = target;
            else if (_vardiff.Suggest(target, now)) GiveNewJobIfChanged();
        }
    }

    private async Task SubmitAsync(SubmitRequest request)
    {
        var now = _services.Time.GetUtcNow();
        GivenJob job;
        SubmitRefusal? refusal;
        MinerSolution found;
        WorkerAccount? account;
        lock (_lock)
        {
            refusal = Check(request, now, out job, out found);
            account = AccountOf(request, job.Account ?? (_jobs.Count > 0 ? _jobs.Last.Account : null));
        }
        if (refusal is { } cheap)
        {
            Count(cheap);
            account?.Book(cheap == SubmitRefusal.UnknownJob ? SubmissionResult.UnknownJob : SubmissionResult.Rejected, 0, share: false, now);
            Say(output => StratumWriter.Error(output, request.Id, StratumError.Of(cheap)));
            if (OffenceOf(cheap) is { } offence) Blame(offence);
            return;
        }

        var verdict = await _services.Desk.JudgeAsync(this, job.Job, job.Target, found);
        if (verdict.Refusal == SubmitRefusal.Busy)
        {
            Forget(job.Job, request.Extranonce2!.Value, found);
            Count(SubmitRefusal.Busy);
            Say(output => StratumWriter.Error(output, request.Id, StratumError.Of(SubmitRefusal.Busy)));
            return;
        }

        // Booked before it is answered: whoever has read the answer finds it counted.
        now = _services.Time.GetUtcNow();
        var result = verdict.Refusal is null or SubmitRefusal.NotStored ? SubmissionResult.Accepted
            : !verdict.IsWork ? SubmissionResult.Rejected
            : verdict.Refusal == SubmitRefusal.StaleJob ? SubmissionResult.StaleBlock
            : SubmissionResult.DeadOnArrival;
        var hashes = job.Hashes;
        account!.Book(result, hashes, verdict is { IsShare: true, Refusal: null }, now, job.Difficulty(DifficultyFactor));
        if (verdict.Refusal is { } reason)
        {
            Count(reason);
            Say(output => StratumWriter.Error(output, request.Id, StratumError.Of(reason)));
        }
        else
        {
            Instruments.Submissions.WithLabels("accepted").Inc();
            Say(output => StratumWriter.Result(output, request.Id, true));
        }

        if (!verdict.IsWork)
        {
            if (verdict.Refusal is { } wrong && OffenceOf(wrong) is { } offence) Blame(offence);
            return;
        }
        Praise();
        lock (_lock)
        {
            if (_vardiff?.Submitted(hashes, now) == true) GiveNewJobIfChanged();
            if (_jobs.Last.Seen >= _services.Settings.KeepSubmissions) GiveNewJob();
        }
    }

    // What nobody looked at may come again.
    private void Forget(MinerJob job, uint extranonce2, MinerSolution found)
    {
        lock (_lock)
        {
            ref var kept = ref _jobs.Find(job.Id);
            if (!Unsafe.IsNullRef(ref kept)) kept.Forget(extranonce2, found.Version, found.Time, found.Nonce);
        }
    }

    // Everything that needs no hash, the cheapest first.
    private SubmitRefusal? Check(SubmitRequest request, DateTimeOffset now, out GivenJob job, out MinerSolution found)
    {
        (job, found) = (default, default);
        if (request.Job is not { } id) return SubmitRefusal.UnknownJob;
        ref var kept = ref _jobs.Find(id);
        if (Unsafe.IsNullRef(ref kept)) return SubmitRefusal.UnknownJob;
        job = kept;
        if (request.Extranonce2 is not { } extranonce2) return SubmitRefusal.BadExtranonce2;
        if (request.Time is not { } time) return SubmitRefusal.BadTime;
        if (request.Nonce is not { } nonce) return SubmitRefusal.BadNonce;
        if (VersionOf(request, job.Job.Version) is not { } version) return SubmitRefusal.VersionRolled;
        if (time < job.Job.Time || time > Math.Max(job.Job.Time, now.ToUnixTimeSeconds()) + MaxTimeAhead) return SubmitRefusal.TimeOutOfRange;
        // Half of them ago a new job was given.
        if (kept.Seen >= 2 * _services.Settings.KeepSubmissions) return SubmitRefusal.TooManyForJob;
        found = new MinerSolution(version, time, nonce, LastTxOutNonce(extranonce2));
        return kept.Remember(extranonce2, version, time, nonce) ? null : SubmitRefusal.Duplicate;
    }

    // Null for bits that may not be set. Without an agreement all of them are the job's own, and zeros stand for that.
    private uint? VersionOf(SubmitRequest request, uint version) =>
        !request.GivesVersion ? version
        : request.VersionBits is { } bits ? VersionRolling.Apply(version, _versionMask, bits)
        : null;

    // Statistics only: a proxy names its workers, but cannot book work to another address than the job pays.
    // Null when nobody has logged in.
    private WorkerAccount? AccountOf(SubmitRequest request, WorkerAccount? paid) =>
        paid is not null && AccountOf(request.UserName) is { } named && named.Address == paid.Address ? named : paid;

    // Nearly all submissions of a connection come under one name.
    private WorkerAccount? AccountOf(string userName)
    {
        if (userName.Length > MinerName.MaxUserName) return null;
        if (_named is not { } known || known.UserName != userName)
        {
            var name = MinerName.Parse(userName);
            _named = known = (userName, _names.GetValueOrDefault((name.Address, name.Worker)));
        }
        return known.Account;
    }

    // As the bytes stand in the coinbase, extranonce1 first, read as a little-endian number.
    private ulong LastTxOutNonce(uint extranonce2)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Extranonce1);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], extranonce2);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    // Late work is nobody's fault, a full disk or a long queue ours.
    private static Offence? OffenceOf(SubmitRefusal refusal) => refusal switch
    {
        SubmitRefusal.AboveTarget => Offence.LowDifficulty,
        SubmitRefusal.Duplicate => Offence.Duplicate,
        SubmitRefusal.TooManyForJob => Offence.TooManyForJob,
        SubmitRefusal.TimeOutOfRange or SubmitRefusal.VersionRolled => Offence.ForbiddenHeader,
        SubmitRefusal.BadExtranonce2 or SubmitRefusal.BadTime or SubmitRefusal.BadNonce => Offence.BrokenSubmission,
        _ => null,
    };

    private static void Count(SubmitRefusal refusal) => Instruments.Submissions.WithLabels(Word(refusal)).Inc();

    private static string Word(SubmitRefusal refusal) => refusal switch
    {
        SubmitRefusal.UnknownJob => "unknown-job",
        SubmitRefusal.StaleJob => "stale",
        SubmitRefusal.DeadOnArrival => "dead-on-arrival",
        SubmitRefusal.Duplicate => "duplicate",
        SubmitRefusal.AboveTarget => "above-target",
        SubmitRefusal.Busy => "busy",
        SubmitRefusal.NotStored => "not-stored",
        SubmitRefusal.TooManyForJob => "too-many",
        _ => "malformed",
    };

    private static string Printable(string text) => string.Concat(text.Take(100).Select(character => character is >= ' ' and <= '~' ? character : '?'));
}
