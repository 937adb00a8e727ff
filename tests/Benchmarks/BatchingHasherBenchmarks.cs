using BenchmarkDotNet.Attributes;
using Grainpool.Gateway.Hashing;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks;

/// <summary>Hashes as a gateway computes them for so many connections that each bring one at the same time; a lone one is computed where it stands.</summary>
/// <remarks>Time is for all of them. Beside it the same headers by the hash itself, on one thread: what is more is the hasher's, what is less its other threads'.</remarks>
[MemoryDiagnoser]
#pragma warning disable CA1001 // The harness has it cleaned up.
public class BatchingHasherBenchmarks
#pragma warning restore CA1001
{
    private VerthashDataFile? _data;
    private VerthashHasher? _verthash;
    private BatchingHasher? _hasher;
    private object[] _connections = [];
    private BlockHeader[] _headers = [];
    private Task<UInt256?>[] _waiting = [];
    private byte[] _hashes = [];

    [Params(1, 8, 64)]
    public int Callers { get; set; }

    [GlobalSetup]
    public void Load()
    {
        _data = BenchmarkTable.Load(VerthashMemoryMode.Copy);
        _verthash = new VerthashHasher(_data);
        _hasher = new BatchingHasher(_verthash, new BatchingHasherLimits { InPlace = Environment.ProcessorCount });
        _connections = [.. Enumerable.Range(0, Callers).Select(_ => new object())];
        _headers = new BlockHeader[Callers];
        _waiting = new Task<UInt256?>[Callers];
        _hashes = new byte[Callers * VerthashHasher.HashLength];
    }

    [GlobalCleanup]
    public void Free()
    {
        _hasher!.Dispose();
        _data!.Dispose();
    }

    /// <summary>All callers at once, each from a thread of the pool, as sessions are; a lone one from its own.</summary>
    [Benchmark]
    public async Task Hash()
    {
        Renew();
        if (Callers == 1)
        {
            await _hasher!.HashAsync(_headers[0], _connections[0]);
            return;
        }
        for (var caller = 0; caller < Callers; caller++)
        {
            var own = caller;
            _waiting[caller] = Task.Run(() => _hasher!.HashAsync(_headers[own], _connections[own]));
        }
        await Task.WhenAll(_waiting);
    }

    /// <summary>As many hashes, together, on this thread.</summary>
    [Benchmark(Baseline = true)]
    public void Together()
    {
        Renew();
        var bytes = new byte[Callers * VerthashHasher.HeaderLength];
        for (var caller = 0; caller < Callers; caller++) _headers[caller].ToBytes().CopyTo(bytes, caller * VerthashHasher.HeaderLength);
        if (Callers == 1) _verthash!.Hash(bytes, _hashes);
        else _verthash!.HashMany(bytes, _hashes);
    }

    // Headers are never the same twice: a second walk over the same rows would find them in the cache.
    private void Renew()
    {
        for (var caller = 0; caller < Callers; caller++)
            _headers[caller] = new BlockHeader(4, Hash256.Zero, Hash256.FromNumber((ulong)Random.Shared.NextInt64()), 0, new CompactTarget(0x1e0fffff), (uint)caller);
    }
}
