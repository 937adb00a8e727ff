using System.Buffers.Binary;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet.Mining;

/// <summary>The threads that hash, always on the newest work.</summary>
internal sealed class HashingThreads : IDisposable
{
    private const int NonceOffset = 76;

    private readonly ProofOfWork _proofOfWork;
    private readonly HashThrottle _throttle;
    private readonly Action<FoundShare> _found;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _newWork = new(0);
    private readonly Thread[] _threads;
    private volatile MiningWork? _work;
    private long _hashes;

    public HashingThreads(int count, ProofOfWork proofOfWork, HashThrottle throttle, Action<FoundShare> found)
    {
        (_proofOfWork, _throttle, _found) = (proofOfWork, throttle, found);
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            // Below all others: a demonstration shares its machine with the pool it mines on.
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"miner {i + 1}", Priority = ThreadPriority.Lowest };
            _threads[i].Start();
        }
    }

    /// <summary>Hashes done so far.</summary>
    public long Hashes => Interlocked.Read(ref _hashes);

    /// <summary>What to hash from now on; null to rest.</summary>
    public void TurnTo(MiningWork? work)
    {
        _work = work;
        if (work is not null) _newWork.Release(_threads.Length);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var thread in _threads) thread.Join();
        _newWork.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        Span<byte> hash = stackalloc byte[Hash256.Size];
        MiningWork? current = null;
        UInt128 extraNonce2 = 0;
        byte[] header = [];
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                if (_work is not { } work || work.Take() is not { } slice)
                {
                    _newWork.Wait(_stopping.Token);
                    continue;
                }
                if (work != current || slice.ExtraNonce2 != extraNonce2)
                {
                    (current, extraNonce2) = (work, slice.ExtraNonce2);
                    header = work.Job.Header(work.Job.ExtraNonce2(extraNonce2));
                }
                var done = 0;
                for (; done < slice.Count && ReferenceEquals(work, _work); done++)
                {
                    var nonce = slice.FirstNonce + (uint)done;
                    BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(NonceOffset), nonce);
                    _proofOfWork(header, hash);
                    if (UInt256.FromLittleEndian(hash) <= work.Job.Target)
                        _found(new FoundShare(work, work.Job.ExtraNonce2(extraNonce2), nonce, Hash256.FromBytes(hash), Sha256.Double(header)));
                }
                Interlocked.Add(ref _hashes, done);
                var rest = _throttle.After(done);
                if (rest > TimeSpan.Zero) _stopping.Token.WaitHandle.WaitOne(rest);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped while resting.
        }
    }
}
