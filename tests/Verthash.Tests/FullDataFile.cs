namespace Grainpool.Verthash.Tests;

/// <summary>Vertcoin's own data file, loaded once for the tests that need it, when there is one to load.</summary>
/// <remarks>1.28 GB is too much to make in every test run: the environment says where a ready one lies.</remarks>
public sealed class FullDataFile : IDisposable
{
    public const string Variable = "GRAINPOOL_VERTHASH_FILE";

    public const string WhyNot =
        Variable + " does not name a full data file; make one with `dotnet run --project Verthash.Tool -- make --path FILE`.";

    private readonly Lazy<VerthashDataFile> _data = new(() => VerthashDataFile.Load(Path!, VerthashDataFileSpecification.Full));

    public static string? Path => Environment.GetEnvironmentVariable(Variable);

    public static bool IsThere => !string.IsNullOrEmpty(Path);

    public VerthashDataFile Data => _data.Value;

    public void Dispose()
    {
        if (_data.IsValueCreated)
            _data.Value.Dispose();
    }
}
