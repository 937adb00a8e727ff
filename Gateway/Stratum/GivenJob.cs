using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Stratum;

/// <summary>A job that one connection was given. A copy goes on sharing what is remembered, once that has begun.</summary>
/// <param name="job">The job, shared with others.</param>
/// <param name="target">What its submissions must meet.</param>
/// <param name="account">Who was authorised then.</param>
/// <param name="givenAt">When.</param>
internal struct GivenJob(MinerJob job, UInt256 target, WorkerAccount account, DateTimeOffset givenAt)
{
    private readonly long _givenAt = givenAt.UtcTicks;
    private HashSet<(uint Extranonce2, uint Version, uint Time, uint Nonce)>? _seen;

    public MinerJob Job { get; } = job;

    public UInt256 Target { get; } = target;

    public WorkerAccount Account { get; } = account;

    public readonly DateTimeOffset GivenAt => new(_givenAt, TimeSpan.Zero);

    /// <summary>Expected hashes of a submission. One that is a share counts whatever the target.</summary>
    public double Hashes { get; } = Targets.AverageAttempts(UInt256.Max(target, job.ShareTarget)).ToDouble();

    /// <summary>Submissions remembered.</summary>
    public readonly int Seen => _seen?.Count ?? 0;

    /// <summary>Remembers a submission, by the numbers that make its header: another spelling of the same is the same.</summary>
    /// <returns>False when it came before.</returns>
    public bool Remember(uint extranonce2, uint version, uint time, uint nonce) => (_seen ??= []).Add((extranonce2, version, time, nonce));

    /// <summary>Forgets a submission that was remembered: it may come again.</summary>
    public readonly void Forget(uint extranonce2, uint version, uint time, uint nonce) => _seen?.Remove((extranonce2, version, time, nonce));
}
