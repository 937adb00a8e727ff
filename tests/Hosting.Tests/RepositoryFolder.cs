using System.Runtime.CompilerServices;

namespace Grainpool.Hosting.Tests;

/// <summary>The folder that holds the solution.</summary>
internal static class RepositoryFolder
{
    /// <summary>Its absolute path, found from where the tests run.</summary>
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A file in it.</summary>
    public static string File(string name) => System.IO.Path.Combine(Path, name);

    private static string Find(string folder, [CallerFilePath] string source = "")
    {
        foreach (var start in new[] { folder, System.IO.Path.GetDirectoryName(source)! })
            for (var place = new DirectoryInfo(start); place is not null; place = place.Parent)
                if (System.IO.File.Exists(System.IO.Path.Combine(place.FullName, "Grainpool.slnx"))) return place.FullName;
        throw new DirectoryNotFoundException($"No folder above {folder} holds Grainpool.slnx.");
    }
}
