using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Work;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Stratum;

/// <summary>A job that one connection was given.</summary>
/// <param name="job">The job, shared with others.</param>
/// <param name="target">What its submissions must meet.</param>
/// <param name="account">Who was authorised then.</param>
/// <param name="givenAt">When.</param>
internal sealed class GivenJob(MinerJob job, UInt256 target, WorkerAccount account, DateTimeOffset givenAt)
{
    private HashSet<(uint Extranonce2, uint Version, uint Time, uint Nonce)>? _seen;

    public MinerJob Job => job;

    public UInt256 Target => target;

    public WorkerAccount Account => account;

    public DateTimeOffset GivenAt => givenAt;

    /// <summary>Expected hashes of a submission.</summary>
    public double Hashes { get; } = Targets.AverageAttempts(target).ToDouble();

    /// <summary>Submissions remembered.</summary>
    public int Seen => _seen?.Count ?? 0;

    /// <summary>Remembers a submission, by the numbers that make its header: another spelling of the same is the same.</summary>
    /// <returns>False when it came before.</returns>
    public bool Remember(uint extranonce2, uint version, uint time, uint nonce) => (_seen ??= []).Add((extranonce2, version, time, nonce));
}
