using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Stratum;

namespace Grainpool.Gateway.Stratum;

/// <summary>What a connection was given jobs on; the same for many of them.</summary>
/// <param name="Target">What submissions must meet, unless a share is easier.</param>
/// <param name="Account">Who was authorised then.</param>
internal sealed record GivenTerms(UInt256 Target, WorkerAccount Account);

/// <summary>A job that one connection was given: a few words only, since there are a million of them. A copy goes on sharing what is remembered, once that has begun.</summary>
/// <param name="job">The job, shared with others.</param>
/// <param name="terms">On what.</param>
/// <param name="givenAt">When.</param>
internal struct GivenJob(MinerJob job, GivenTerms terms, DateTimeOffset givenAt)
{
    private readonly GivenTerms? _terms = terms;
    private readonly long _givenAt = givenAt.UtcTicks;
    private HashSet<(uint Extranonce2, uint Version, uint Time, uint Nonce)>? _seen;

    public MinerJob Job { get; } = job;

    /// <summary>Target of its submissions. One that is a share counts whatever else was asked for.</summary>
    public readonly UInt256 Target => UInt256.Max(_terms!.Target, Job.ShareTarget);

    /// <summary>Who is paid; null where there is no job.</summary>
    public readonly WorkerAccount? Account => _terms?.Account;

    public readonly DateTimeOffset GivenAt => new(_givenAt, TimeSpan.Zero);

    /// <summary>Expected hashes of a submission.</summary>
    public readonly double Hashes => Targets.AverageAttempts(Target).ToDouble();

    /// <summary>The target as the miner is told it.</summary>
    /// <param name="factor">The coin's: see <see cref="MinerDifficulty.Of"/>.</param>
    public readonly double Difficulty(int factor) => MinerDifficulty.Of(Target, factor);

    /// <summary>Submissions remembered.</summary>
    public readonly int Seen => _seen?.Count ?? 0;

    /// <summary>Remembers a submission, by the numbers that make its header: another spelling of the same is the same.</summary>
    /// <returns>False when it came before.</returns>
    public bool Remember(uint extranonce2, uint version, uint time, uint nonce) => (_seen ??= []).Add((extranonce2, version, time, nonce));

    /// <summary>Forgets a submission that was remembered: it may come again.</summary>
    public readonly void Forget(uint extranonce2, uint version, uint time, uint nonce) => _seen?.Remove((extranonce2, version, time, nonce));
}
