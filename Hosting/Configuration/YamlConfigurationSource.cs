namespace Grainpool.Hosting.Configuration;

/// <summary>Makes orleans.yaml a source of configuration.</summary>
/// <param name="path">Absolute path of the file.</param>
/// <param name="check">Says what is wrong with settings that are well-formed, or null.</param>
/// <param name="time">The clock that the watch over the file uses.</param>
internal sealed class YamlConfigurationSource(string path, Func<YamlSettings, string?> check, TimeProvider time) : IConfigurationSource
{
    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new YamlConfigurationProvider(path, check, time);
}
