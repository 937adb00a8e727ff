using BenchmarkDotNet.Attributes;
using Grainpool.Verthash;

namespace Grainpool.Benchmarks;

/// <summary>Bringing a data file of 20 MB into memory as a private copy, when it was found good before, and the first time, when its SHA-256 is computed.</summary>
public class DataFileLoadingBenchmarks
{
    private const int Index = 12;

    private string _folder = "";
    private VerthashDataFileSpecification? _expected;

    private string FilePath => Path.Combine(_folder, "verthash.dat");

    [GlobalSetup]
    public void Create()
    {
        _folder = Directory.CreateTempSubdirectory("grainpool-benchmark-").FullName;
        VerthashDataFileGenerator.Create(FilePath, Index);
        _expected = VerthashDataFileSpecification.ForIndex(Index);
    }

    [GlobalCleanup]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    // Whoever makes the file leaves the mark that it is good.
    [Benchmark(Baseline = true)]
    public void LoadAgain() => Load();

    [Benchmark]
    public void LoadFirstTime()
    {
        VerifiedMark.Remove(FilePath);
        Load();
    }

    private void Load()
    {
        using var data = VerthashDataFile.Load(FilePath, _expected!, VerthashMemoryMode.Copy);
    }
}
