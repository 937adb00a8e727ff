using BenchmarkDotNet.Attributes;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks;

/// <summary>One hash and batches of them, on every path of this machine, in every memory mode, with the machine's own limit as the baseline.</summary>
[MemoryDiagnoser]
public class VerthashHashBenchmarks
{
    private VerthashDataFile? _data;
    private VerthashHasher? _hasher;
    private byte[] _headers = [];
    private byte[] _hashes = [];
    private ulong _seed = 1;

    public static IEnumerable<VerthashPath> Paths => VerthashPaths.Supported;

    [ParamsSource(nameof(Paths))]
    public VerthashPath Path { get; set; }

    [Params(VerthashMemoryMode.Copy, VerthashMemoryMode.Lines, VerthashMemoryMode.Map)]
    public VerthashMemoryMode Memory { get; set; }

    [Params(1, 8, 32, 64)]
    public int Together { get; set; }

    [GlobalSetup]
    public void Load()
    {
        _data = BenchmarkTable.Load(Memory);
        _hasher = new VerthashHasher(_data, Path);
        _headers = new byte[Together * VerthashHasher.HeaderLength];
        _hashes = new byte[Together * VerthashHasher.HashLength];
        Random.Shared.NextBytes(_headers);
        Console.WriteLine($"// {MemoryDescription.Of(_data)}");
    }

    [GlobalCleanup]
    public void Free() => _data!.Dispose();

    [Benchmark]
    public void Hash()
    {
        // Headers are never the same twice: a second walk over the same rows would find them in the cache.
        Random.Shared.NextBytes(_headers);
        if (Together == 1)
            _hasher!.Hash(_headers, _hashes);
        else
            _hasher!.HashMany(_headers, _hashes);
    }

    /// <summary>Dependent reads of as many rows and next to nothing else: what the memory allows.</summary>
    [Benchmark(Baseline = true)]
    public ulong Limit()
    {
        for (var left = Together; left > 0; left -= VerthashHasher.MostTogether)
            _seed = RandomReads.Run(_data!, Math.Min(left, VerthashHasher.MostTogether), _seed);
        return _seed;
    }
}
