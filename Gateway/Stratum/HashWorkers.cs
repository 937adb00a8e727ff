using System.Collections.Concurrent;
using System.Diagnostics;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Gateway.Stratum;

/// <summary>Computes the proof of work of submissions on a few threads of their own, so that no connection's thread is kept for milliseconds.</summary>
/// <remarks>Bounded by its callers: every connection waits for its hash before it reads the next line.</remarks>
internal sealed class HashWorkers : IDisposable
{
    private readonly ProofOfWork _proofOfWork;
    private readonly BlockingCollection<(byte[] Header, TaskCompletionSource<UInt256> Done)> _waiting = [];
    private readonly List<Thread> _threads = [];

    /// <summary>Starts the threads.</summary>
    public HashWorkers(ProofOfWork proofOfWork, int threads)
    {
        _proofOfWork = proofOfWork;
        for (var i = 0; i < threads; i++)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"verthash {i}" };
            thread.Start();
            _threads.Add(thread);
        }
    }

    /// <summary>The proof-of-work value of a header.</summary>
    public Task<UInt256> HashAsync(BlockHeader header)
    {
        var done = new TaskCompletionSource<UInt256>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((header.ToBytes(), done));
        Instruments.HashesWaiting.Inc();
        return done.Task;
    }

    /// <summary>Finishes what is waiting and ends the threads.</summary>
    public void Dispose()
    {
        _waiting.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        _waiting.Dispose();
    }

    private void Work()
    {
        Span<byte> hash = stackalloc byte[Hash256.Size];
        foreach (var (header, done) in _waiting.GetConsumingEnumerable())
        {
            Instruments.HashesWaiting.Dec();
            var start = Stopwatch.GetTimestamp();
            try
            {
                _proofOfWork(header, hash);
                done.SetResult(UInt256.FromLittleEndian(hash));
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
            Instruments.HashSeconds.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }
}
