namespace Grainpool.Verthash.Tests;

/// <summary>A directory of its own for one test, removed afterwards.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("grainpool-verthash-");

    public string Root => _directory.FullName;

    public IEnumerable<string> FileNames => _directory.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal);

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>A good data file of an index, without a mark beside it.</summary>
    public string DataFile(int index)
    {
        var path = PathOf($"index-{index}.dat");
        VerthashDataFileGenerator.Create(path, index);
        File.Delete(path + ".verified");
        return path;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
