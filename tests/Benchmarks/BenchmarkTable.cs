using Grainpool.Verthash;

namespace Grainpool.Benchmarks;

/// <summary>The table that is hashed over: Vertcoin's own when the environment says where it lies, else one of 20 MB, larger than a second-level cache.</summary>
internal static class BenchmarkTable
{
    /// <summary>Names the full data file.</summary>
    public const string Variable = "GRAINPOOL_VERTHASH_FILE";

    private const int SmallIndex = 12;

    /// <summary>Loads it.</summary>
    public static VerthashDataFile Load(VerthashMemoryMode mode) => Load(mode, Environment.GetEnvironmentVariable(Variable));

    /// <summary>Loads the one at this path; null or empty for the small one.</summary>
    public static VerthashDataFile Load(VerthashMemoryMode mode, string? path)
    {
        if (path is { Length: > 0 })
            return VerthashDataFile.Load(path, VerthashDataFileSpecification.Full, mode);
        path = Path.Combine(Path.GetTempPath(), $"grainpool-benchmark-{SmallIndex}.dat");
        if (!File.Exists(path))
            VerthashDataFileGenerator.Create(path, SmallIndex);
        return VerthashDataFile.Load(path, VerthashDataFileSpecification.ForIndex(SmallIndex), mode);
    }
}
