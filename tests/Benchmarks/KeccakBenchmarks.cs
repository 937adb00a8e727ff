using BenchmarkDotNet.Attributes;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks;

/// <summary>The permutation under SHA-3. Time is for one state: a call on eight states counts as eight.</summary>
public unsafe class KeccakBenchmarks
{
    private const int Calls = 1000;

    private ulong[] _states = [];

    [GlobalSetup]
    public void Fill()
    {
        // On the pinned heap, aligned as far as arrays are; the hash itself aligns to a cache line.
        _states = GC.AllocateUninitializedArray<ulong>(Keccak.Room * Keccak512.States, pinned: true);
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_states.AsSpan()));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void One() => Permute<OneState>();

    [Benchmark(OperationsPerInvoke = Calls * Keccak128.States)]
    public void Two() => Permute<TwoStates>();

    [Benchmark(OperationsPerInvoke = Calls * Keccak256.States)]
    public void Four()
    {
        if (!VerthashPaths.IsSupported(VerthashPath.Vector256))
            throw new PlatformNotSupportedException("no AVX2");
        Permute<FourStates>();
    }

    [Benchmark(OperationsPerInvoke = Calls * Keccak512.States)]
    public void Eight()
    {
        if (!VerthashPaths.IsSupported(VerthashPath.Vector512))
            throw new PlatformNotSupportedException("no AVX-512");
        Permute<EightStates>();
    }

    private void Permute<TStates>() where TStates : struct, IKeccakStates
    {
        fixed (ulong* states = _states)
        {
            for (var call = 0; call < Calls; call++)
                TStates.Permute(states);
        }
    }
}
