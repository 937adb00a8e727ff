using System.Text;
using System.Text.RegularExpressions;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Tests.Configuration;

/// <summary>orleans.yaml as it is checked in: it works as it stands, and it tells of every setting.</summary>
public sealed partial class CheckedInFileTests
{
    [Fact]
    public void File_AsItStands_BindsToEveryOptionsClass()
    {
        var configuration = new ConfigurationManager();
        configuration.AddGrainpoolYaml([], new Dictionary<string, string>(), RepositoryFolder.Path, TimeProvider.System);
        using var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddGrainpoolSettings().BuildServiceProvider();

        Assert.Equal("vertcoin", services.GetRequiredService<IOptions<PoolOptions>>().Value.Network);
        Assert.Equal(RepositoryFolder.File("data"), services.GetRequiredService<IOptions<PoolOptions>>().Value.DataFolder);
        Assert.Equal(RepositoryFolder.File("data/verthash.dat"), services.GetRequiredService<IOptions<VerthashOptions>>().Value.DataFile);
        Assert.Equal(17, services.GetRequiredService<IOptions<VerthashOptions>>().Value.Index);
        Assert.Equal(VerthashMemory.Auto, services.GetRequiredService<IOptions<VerthashOptions>>().Value.Memory);
        Assert.Equal(9171, services.GetRequiredService<IOptions<StratumOptions>>().Value.Port);
        Assert.Equal(RepositoryFolder.File("data/spool"), services.GetRequiredService<IOptions<SpoolOptions>>().Value.Folder);
        Assert.Equal(11111, services.GetRequiredService<IOptions<PoolClusterOptions>>().Value.SiloPort);
        Assert.Equal(9180, services.GetRequiredService<IOptions<AdminOptions>>().Value.PortOf(ProcessRole.Silo));
        Assert.Equal("azure", configuration["storage:kind"]);
        Assert.Equal("UseDevelopmentStorage=true", configuration["storage:connectionString"]);
        Assert.Equal("grainpool", configuration["storage:clusterId"]);
        Assert.Empty(configuration.GetSection("daemons").GetChildren());
        configuration.Dispose();
    }

    [Fact]
    public void File_AsItStands_SaysWhatTheDefaultsAre()
    {
        var configuration = new ConfigurationManager();
        configuration.AddGrainpoolYaml([], new Dictionary<string, string>(), RepositoryFolder.Path, TimeProvider.System);

        AssertSame(new StratumOptions(), configuration.GetSection(StratumOptions.Section).Get<StratumOptions>()!);
        AssertSame(new PoolClusterOptions(), configuration.GetSection(PoolClusterOptions.Section).Get<PoolClusterOptions>()!);
        AssertSame(new AdminOptions(), configuration.GetSection(AdminOptions.Section).Get<AdminOptions>()!);
        configuration.Dispose();
    }

    [Fact]
    public void File_WithEveryCommentedKeyInForce_IsStillGood()
    {
        Assert.True(YamlReader.TryRead(Encoding.UTF8.GetBytes(Uncommented()), RepositoryFolder.Path, out _, out var problem), $"line {problem?.Line}: {problem?.Text}");
    }

    [Fact]
    public void EverySetting_AppearsInTheFile()
    {
        Assert.True(YamlReader.TryRead(Encoding.UTF8.GetBytes(Uncommented()), RepositoryFolder.Path, out var settings, out _));
        var shown = settings.Values.Keys.Select(path => ListPlace().Replace(path, ":0:")).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(Paths(ConfigurationSchema.Root, ""), path => !shown.Contains(path));
    }

    [Fact]
    public void EverySetting_IsExplainedAboveIt()
    {
        var lines = File.ReadAllLines(RepositoryFolder.File(ConfigurationFile.Name));
        var bare = lines.Index()
            .Where(line => line.Index > 0 && KeyPattern().IsMatch(line.Item) && !IsExplained(lines, line.Index))
            .Select(line => $"line {line.Index + 1}: {line.Item}");
        Assert.Empty(bare);
    }

    [Fact]
    public void Prometheus_AsItStands_ScrapesTheDefaultAdminPorts()
    {
        var targets = File.ReadLines(RepositoryFolder.File("docs/prometheus.yml")).Select(line => line.Trim()).Where(line => line.StartsWith("- 127.0.0.1:", StringComparison.Ordinal));
        Assert.Equal(new[] { ProcessRole.Silo, ProcessRole.Gateway }.Select(role => $"- 127.0.0.1:{new AdminOptions().PortOf(role)}"), targets);
    }

    /// <summary>A comment stands above the key, or above the keys it stands together with, or above its list or section.</summary>
    private static bool IsExplained(string[] lines, int index)
    {
        while (index > 0 && (KeyPattern().IsMatch(lines[index]) || lines[index].TrimStart().StartsWith('-'))) index--;
        return lines[index].TrimStart().StartsWith("# ", StringComparison.Ordinal) || lines[index].Length == 0;
    }

    /// <summary>The file with every commented-out key in force: a # that no space follows, or two within an item of a list.</summary>
    private static string Uncommented() => CommentedKey().Replace(File.ReadAllText(RepositoryFolder.File(ConfigurationFile.Name)), "$1");

    private static IEnumerable<string> Paths(SettingShape shape, string path) => shape switch
    {
        SectionShape section => section.Keys.SelectMany(key => Paths(key.Value, path.Length == 0 ? key.Key : $"{path}:{key.Key}")),
        ListShape list => Paths(list.Item, path + ":0"),
        MapShape => [path + ":default"],
        _ => [path],
    };

    private static void AssertSame<T>(T expected, T found)
    {
        foreach (var property in OptionsShape.Properties(typeof(T))) Assert.Equal(property.GetValue(expected), property.GetValue(found));
    }

    [GeneratedRegex(@"^(\s*)#(?=[^\s#]|  \w+:\s)", RegexOptions.Multiline)]
    private static partial Regex CommentedKey();

    [GeneratedRegex(@":\d+:")]
    private static partial Regex ListPlace();

    [GeneratedRegex(@"^\s*#?(- )?[A-Za-z.]+:(\s|$)")]
    private static partial Regex KeyPattern();
}
