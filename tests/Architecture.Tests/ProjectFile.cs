using System.Collections.Immutable;
using System.Xml.Linq;

namespace Grainpool.Architecture.Tests;

/// <summary>What a project file says it is built on.</summary>
/// <param name="Name">Name of the project.</param>
/// <param name="Folder">Its folder, counted from the root.</param>
/// <param name="Sdk">The SDK that builds it.</param>
/// <param name="Projects">Names of the projects that it references.</param>
/// <param name="Packages">Names of the packages that it references.</param>
/// <param name="Frameworks">Shared frameworks that it references besides the SDK's.</param>
internal sealed record ProjectFile(
    string Name, string Folder, string Sdk, ImmutableArray<string> Projects, ImmutableArray<string> Packages, ImmutableArray<string> Frameworks)
{
    /// <summary>Whether it is a test, which may reference anything.</summary>
    public bool IsTest => Folder.StartsWith("tests", StringComparison.Ordinal);

    /// <summary>Every project file below <paramref name="root"/>, outputs left out.</summary>
    public static ImmutableDictionary<string, ProjectFile> ReadAll(string root) =>
        Directory.EnumerateFiles(root, "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
            .Select(path => Path.GetRelativePath(root, path))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(folder => folder is "bin" or "obj" or "node_modules"))
            .ToImmutableDictionary(path => Path.GetFileNameWithoutExtension(path), path => Read(root, path));

    /// <summary>Whatever this project is built on, through however many others.</summary>
    public ImmutableSortedSet<string> Reaches(ImmutableDictionary<string, ProjectFile> all) =>
        [.. Projects, .. Projects.SelectMany(name => all[name].Reaches(all))];

    private static ProjectFile Read(string root, string path)
    {
        var project = XDocument.Load(Path.Combine(root, path)).Root!;
        return new ProjectFile(
            Path.GetFileNameWithoutExtension(path),
            Path.GetDirectoryName(path)!,
            (string?)project.Attribute("Sdk") ?? "",
            [.. Items(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension).OfType<string>()],
            [.. Items(project, "PackageReference")],
            [.. Items(project, "FrameworkReference")]);
    }

    private static IEnumerable<string> Items(XElement project, string kind) =>
        project.Descendants(kind)
            .Select(item => (string?)item.Attribute("Include"))
            .OfType<string>()
            .SelectMany(include => include.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
