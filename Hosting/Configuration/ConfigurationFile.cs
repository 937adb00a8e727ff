namespace Grainpool.Hosting.Configuration;

/// <summary>Where orleans.yaml is found, and what paths written in it mean.</summary>
internal static class ConfigurationFile
{
    /// <summary>The name it has.</summary>
    public const string Name = "orleans.yaml";

    /// <summary>Name of the argument, and after <c>GRAINPOOL_</c> of the environment variable, that says where it is.</summary>
    public const string ArgumentName = "config";

    /// <summary>The file that was named, or else the first of its name from <paramref name="folder"/> upwards.</summary>
    /// <param name="explicitPath">What the user said, if anything.</param>
    /// <param name="folder">The current directory.</param>
    /// <returns>An absolute path.</returns>
    /// <exception cref="StartupException">There is no such file.</exception>
    public static string Find(string? explicitPath, string folder)
    {
        if (!string.IsNullOrWhiteSpace(explicitPath))
        {
            var path = Absolute(explicitPath, folder);
            return File.Exists(path) ? path
                : throw new StartupException($"There is no configuration file {path}; --config or GRAINPOOL_CONFIG names it.");
        }
        for (var place = new DirectoryInfo(folder); place is not null; place = place.Parent)
        {
            var path = Path.Combine(place.FullName, Name);
            if (File.Exists(path)) return path;
        }
        throw new StartupException($"There is no {Name} in {folder} or a folder above it; say where it is with --config=PATH or GRAINPOOL_CONFIG.");
    }

    /// <summary>A path made absolute: <c>~/</c> is the user's home, what is relative counts from <paramref name="folder"/>.</summary>
    public static string Absolute(string path, string folder) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path.Length > 2 ? path[2..] : "")
            : Path.GetFullPath(path, folder);
}
