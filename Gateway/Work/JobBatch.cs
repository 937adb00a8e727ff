using System.Collections.Concurrent;
using Grainpool.Gateway.Miners;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Gateway.Work;

/// <summary>The jobs of one round of new work: one for every payout address, made when its first connection asks for it. Safe from any thread.</summary>
internal sealed class JobBatch(JobFactory factory, MinerBook book, PoolWork work) : IDisposable
{
    private readonly ConcurrentDictionary<(string Address, UInt256? ShareTarget, bool Clean), Lazy<PreparedJob>> _jobs = new();

    /// <summary>The work.</summary>
    public PoolWork Work => work;

    /// <summary>The job for this address and wished share target; wishes that come to the same target share it.</summary>
    /// <param name="address">Who is paid.</param>
    /// <param name="shareTarget">The wish; null for none.</param>
    /// <param name="clean">Whether older jobs are worth nothing.</param>
    public PreparedJob For(string address, UInt256? shareTarget, bool clean) => _jobs.GetOrAdd(
        (address, shareTarget is { } wish ? work.Builder.ShareTarget(wish) : null, clean),
        static (key, batch) => new Lazy<PreparedJob>(() => batch.Create(key.Address, key.ShareTarget, key.Clean)),
        this).Value;

    /// <summary>Ends the use of the lines here; connections that have them queued go on.</summary>
    public void Dispose()
    {
        foreach (var job in _jobs.Values)
        {
            // One that could not be made has no line.
            if (job.IsValueCreated) job.Value.Notify.RemoveUser();
        }
        _jobs.Clear();
    }

    private PreparedJob Create(string address, UInt256? shareTarget, bool clean) => factory.Create(work, address, book.HashRate(address), shareTarget, clean);
}
