using System.Collections.Immutable;
using Grainpool.Gateway.Peers;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Peers;
using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using ShareOutcome = Grainpool.GrainInterfaces.Chain.ShareOutcome;
using ShareVerdict = Grainpool.GrainInterfaces.Chain.ShareVerdict;

namespace Grainpool.Gateway.Tests.Peers;

/// <summary>A cluster of one: a real chain, whose news comes back at once. It can be away.</summary>
internal sealed class ChainLink(NetworkParameters network, TimeProvider time, PeerNews news) : IPeerLink
{
    private readonly Lock _lock = new();
    private readonly ShareCheck _check = new(network);
    private readonly HashSet<Hash256> _told = [];
    private ImmutableArray<MissingParent> _missing = [];
    private readonly List<(string Host, PeerFault Fault)> _offences = [];
    private readonly List<BlockRelay> _blocks = [];
    private readonly List<PeerBookRenewal> _books = [];
    private readonly List<int> _batchSizes = [];
    private readonly List<string> _introduced = [];
    private int _calls;
    private int _standings;

    public ShareChain Chain { get; } = new(network, new NoHeights());

    /// <summary>Calls of the chain do not come back.</summary>
    public bool IsHanging { get; set; }

    /// <summary>So long calls of the chain take.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Calls that concern hosts and addresses fail.</summary>
    public bool IsAway { get; set; }

    /// <summary>Nodes other gateways of the cluster went to.</summary>
    public ImmutableArray<PeerEndpoint> HeldElsewhere { get; set; } = [];

    /// <summary>Questions how a host stands wait for it.</summary>
    public Task StandingsHeld { get; set; } = Task.CompletedTask;

    /// <summary>Such questions, answered or not.</summary>
    public int Standings => Volatile.Read(ref _standings);

    /// <summary>When there are any, each offer of shares waits for one of these.</summary>
    public SemaphoreSlim? Turns { get; set; }

    /// <summary>What hosts did.</summary>
    public IReadOnlyList<(string Host, PeerFault Fault)> Offences
    {
        get
        {
            lock (_lock) return [.. _offences];
        }
    }

    /// <summary>Hosts that introduced themselves.</summary>
    public IReadOnlyList<string> Introduced
    {
        get
        {
            lock (_lock) return [.. _introduced];
        }
    }

    /// <summary>Hosts that are banned.</summary>
    public Dictionary<string, DateTimeOffset> Bans { get; } = [];

    public IReadOnlyList<BlockRelay> Blocks
    {
        get
        {
            lock (_lock) return [.. _blocks];
        }
    }

    public IReadOnlyList<PeerBookRenewal> Books
    {
        get
        {
            lock (_lock) return [.. _books];
        }
    }

    /// <summary>Shares of each call that offered any.</summary>
    public IReadOnlyList<int> BatchSizes
    {
        get
        {
            lock (_lock) return [.. _batchSizes];
        }
    }

    /// <summary>Calls that offered shares, answered or not.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Calls that offer shares wait for it.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    /// <summary>Shares offered so far.</summary>
    public int Offered
    {
        get
        {
            lock (_lock) return _batchSizes.Sum();
        }
    }

    public Hash256 Best
    {
        get
        {
            lock (_lock) return Chain.Best?.Share.Hash ?? Hash256.Zero;
        }
    }

    public int Count
    {
        get
        {
            lock (_lock) return Chain.Count;
        }
    }

    /// <summary>Whether the chain holds a share, verified or not.</summary>
    public bool Holds(Hash256 share)
    {
        lock (_lock) return Chain.Find(share) is not null;
    }

    /// <summary>Whether it does, and found it good.</summary>
    public bool IsVerified(Hash256 share)
    {
        lock (_lock) return Chain.IsVerified(share);
    }

    public Task<PeerRenewalAnswer> RenewAsync(int incoming, int outgoing, bool behind)
    {
        lock (_lock) return Answer(new PeerRenewalAnswer(1, Best, !_missing.IsEmpty));
    }

    public Task<WantedShares> TakeWantedAsync(int most)
    {
        lock (_lock) return Answer(new WantedShares([.. _missing.Take(most).Select(parent => new WantedShare(parent.Hash, parent.From, 10_000))], Chain.RequestStops()));
    }

    public async Task<AddSharesAnswer> AddAsync(IReadOnlyList<OfferedShare> shares)
    {
        Interlocked.Increment(ref _calls);
        if (Turns is { } turns) await turns.WaitAsync();
        await Held;
        return await Add(shares);
    }

    private Task<AddSharesAnswer> Add(IReadOnlyList<OfferedShare> shares)
    {
        lock (_lock)
        {
            _batchSizes.Add(shares.Count);
            var known = shares.Select(share => new KnownShare(
                _check.Check(WrappedShare.Parse(share.WireBytes.AsSpan()), share.ProofOfWork).Share ?? throw new ArgumentException("a share that should have been stopped before"),
                share.SeenAt, share.From, share.Own, share.Dead)).ToList();
            var change = Chain.Add(known, time.GetUtcNow());
            _missing = change.MissingParents;
            if (change.NewBest is { } best)
            {
                ImmutableArray<RelayedShare> relayed =
                    [.. Chain.Line(best.Share.Hash, 5).TakeWhile(share => _told.Add(share.Share.Hash)).Select(share => new RelayedShare(share.Share.Hash, share.Share.WireBytes, share.From))];
                news.Tell(new ShareRelay(best.Share.Hash, relayed));
            }
            var verdicts = change.Outcomes.Select(outcome => new ShareVerdict(outcome.Hash, OutcomeOf(outcome.Verdict), 0, outcome.Refusal?.ToString()));
            return Answer(new AddSharesAnswer(1, 0, [.. verdicts]) { BadOrigins = change.BadOrigins, WantsShares = !_missing.IsEmpty });
        }
    }

    public Task<ImmutableArray<ImmutableArray<byte>>> AnswerAsync(ImmutableArray<Hash256> hashes, ulong parents, ImmutableArray<Hash256> stops)
    {
        lock (_lock) return Answer<ImmutableArray<ImmutableArray<byte>>>([.. Chain.Answer(hashes.AsSpan(), parents, stops.ToHashSet()).Select(share => share.WireBytes)]);
    }

    public Task<bool> HasAsync(Hash256 share)
    {
        lock (_lock) return Answer(Chain.Find(share) is not null);
    }

    public Task BestBlockAsync(BlockRelay block)
    {
        lock (_lock) _blocks.Add(block);
        news.Tell(block);
        return Task.CompletedTask;
    }

    public async Task<PeerStanding> StandingAsync(string host)
    {
        Interlocked.Increment(ref _standings);
        await StandingsHeld;
        return IsAway ? throw new TimeoutException("a test") : Standing(host);
    }

    public Task<PeerStanding> IntroducedAsync(string host, string software) => Told(() => _introduced.Add(host), () => Standing(host));

    public Task<PeerStanding> OffendedAsync(string host, PeerFault fault) => Told(() => _offences.Add((host, fault)), () => Standing(host));

    public Task<PeerBookAnswer> RenewBookAsync(PeerBookRenewal renewal) => Told(() => _books.Add(renewal), () => new PeerBookAnswer([], [], [], 0) { HeldElsewhere = HeldElsewhere });

    private Task<T> Told<T>(Action note, Func<T> answer)
    {
        if (IsAway) return Task.FromException<T>(new TimeoutException("a test"));
        lock (_lock) note();
        return Task.FromResult(answer());
    }

    private PeerStanding Standing(string host) => new(Bans.TryGetValue(host, out var until) ? until : null, 0, null, null, null, "");

    private Task<T> Answer<T>(T answer) => IsHanging ? new TaskCompletionSource<T>().Task : Delay == TimeSpan.Zero ? Task.FromResult(answer) : Late(answer);

    private async Task<T> Late<T>(T answer)
    {
        await Task.Delay(Delay, time);
        return answer;
    }

    private static ShareOutcome OutcomeOf(P2Pool.Chain.ShareVerdict verdict) => verdict switch
    {
        P2Pool.Chain.ShareVerdict.Verified => ShareOutcome.Accepted,
        P2Pool.Chain.ShareVerdict.AlreadyKnown => ShareOutcome.AlreadyKnown,
        P2Pool.Chain.ShareVerdict.Held => ShareOutcome.Unconnected,
        _ => ShareOutcome.Refused,
    };

    private sealed class NoHeights : IParentHeights
    {
        public int BestHeight => 0;

        public int? HeightOf(Hash256 block) => 0;
    }
}
