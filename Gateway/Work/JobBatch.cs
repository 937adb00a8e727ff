using Grainpool.Gateway.Miners;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Work;

/// <summary>The jobs of one round of new work: one for every payout address, made when its first connection asks for it.</summary>
internal sealed class JobBatch(JobFactory factory, MinerBook book, PoolWork work, bool clean) : IDisposable
{
    private readonly Dictionary<(string Address, UInt256? ShareTarget), PreparedJob> _jobs = [];

    /// <summary>The work.</summary>
    public PoolWork Work => work;

    /// <summary>The job for this address and wished share target.</summary>
    public PreparedJob For(string address, UInt256? shareTarget)
    {
        if (_jobs.TryGetValue((address, shareTarget), out var job)) return job;
        job = factory.Create(work, address, book.HashRate(address), shareTarget, clean);
        _jobs.Add((address, shareTarget), job);
        return job;
    }

    /// <summary>Ends the use of the lines here; connections that have them queued go on.</summary>
    public void Dispose()
    {
        foreach (var job in _jobs.Values) job.Notify.RemoveUser();
        _jobs.Clear();
    }
}
