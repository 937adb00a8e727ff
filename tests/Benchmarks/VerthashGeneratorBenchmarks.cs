using BenchmarkDotNet.Attributes;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks;

/// <summary>The making of a table of 20 MB in memory, on every path of this machine, by one processor and by all.</summary>
public class VerthashGeneratorBenchmarks
{
    private const int Index = 12;

    private DataFileMemory? _memory;

    public static IEnumerable<VerthashPath> Paths => VerthashPaths.Supported;

    public static IEnumerable<int> ProcessorCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    [ParamsSource(nameof(Paths))]
    public VerthashPath Path { get; set; }

    [ParamsSource(nameof(ProcessorCounts))]
    public int Processors { get; set; }

    [GlobalSetup]
    public void Allocate() => _memory = DataFileMemory.Allocate(VerthashDataFileSpecification.LengthOf(Index));

    [GlobalCleanup]
    public void Free() => _memory!.Dispose();

    [Benchmark]
    public void Generate() => VerthashGraph.Write(Index, _memory!, Path, Processors, progress: null, CancellationToken.None);
}
