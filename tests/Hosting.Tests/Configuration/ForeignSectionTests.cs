using Grainpool.Daemon;
using Grainpool.Hosting.Configuration;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Networks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Tests.Configuration;

/// <summary>The schema also describes sections whose options classes live in other projects: here it is held against them.</summary>
public sealed class ForeignSectionTests
{
    [Fact]
    public void Storage_HasTheKeysOfItsOptionsClass() =>
        AssertSame(OptionsShape.Of(typeof(StorageOptions)), (SectionShape)ConfigurationSchema.Root.Keys[StorageOptions.Section]);

    [Fact]
    public void Daemons_HaveTheKeysOfTheirOptionsClass() =>
        AssertSame(OptionsShape.Of(typeof(DaemonEndpointOptions)), ((ListShape)ConfigurationSchema.Root.Keys[DaemonOptions.Section]).Item);

    [Fact]
    public void Networks_AllowedAreThoseThatExist() =>
        Assert.Equal(KnownNetworks.Names.Order(), ((ValueShape)((SectionShape)ConfigurationSchema.Root.Keys["pool"]).Keys["network"]).Words.Order());

    [Fact]
    public void Networks_WithoutPeersAndWork_AreNotOffered()
    {
        Assert.DoesNotContain(KnownNetworks.VertcoinClassic.Name, KnownNetworks.Names);
        var exception = Assert.Throws<ArgumentException>(() => KnownNetworks.Find(KnownNetworks.VertcoinClassic.Name));
        Assert.Contains("'vertcoin-classic' cannot be mined on yet", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_WithDaemonsAndStorage_ReachesTheirOptions()
    {
        using var folder = new TemporaryFolder();
        folder.Write("orleans.yaml", "daemons:\n  - url: http://127.0.0.1:5888\n    cookieFile: .cookie\nstorage:\n  kind: file\n  folder: kept\n");
        using var configuration = new ConfigurationManager();
        configuration.AddGrainpoolYaml(["--daemons:1:url=http://192.0.2.7:5888", "--daemons:1:user=me", "--daemons:1:password=geheim"], new Dictionary<string, string>(), folder.Path, TimeProvider.System);
        using var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration).AddDaemons().BuildServiceProvider();

        var daemons = services.GetRequiredService<IOptions<DaemonOptions>>().Value.Endpoints;
        Assert.Equal(["http://127.0.0.1:5888", "http://192.0.2.7:5888"], daemons.Select(daemon => daemon.Url));
        Assert.Equal((Path.Combine(folder.Path, ".cookie"), "geheim"), (daemons[0].CookieFile, daemons[1].Password));
        var storage = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>()!;
        Assert.Equal((StorageKind.File, Path.Combine(folder.Path, "kept"), "grainpool"), (storage.Kind, storage.Folder, storage.ClusterId));
    }

    private static void AssertSame(SectionShape expected, SectionShape described) => Assert.Equal(expected.Keys.Keys, described.Keys.Keys);
}
