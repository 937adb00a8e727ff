using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Tests.Configuration;

/// <summary>How file, environment and command line add up, and how each is named when it is wrong.</summary>
public sealed class GrainpoolYamlTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment = [];
    private readonly ConfigurationManager _configuration = new();

    public void Dispose()
    {
        _configuration.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Sources_GivenTheSameKey_TheLaterIsStronger()
    {
        _folder.Write("orleans.yaml", "stratum:\n  port: 1001\n  idleSeconds: 101\n  maximumConnections: 11\n");
        _environment["GRAINPOOL_Stratum__IdleSeconds"] = "102";
        _environment["GRAINPOOL_STRATUM__MAXIMUMCONNECTIONS"] = "12";
        _environment["STRATUM__PORT"] = "1";

        Add("--stratum:maximumConnections=13", "--Stratum:SecondsPerShare", "14");

        var stratum = _configuration.GetSection(StratumOptions.Section).Get<StratumOptions>()!;
        Assert.Equal((1001, 102, 13, 14), (stratum.Port, stratum.IdleSeconds, stratum.MaximumConnections, stratum.SecondsPerShare));
    }

    [Fact]
    public void List_OverriddenByEnvironment_KeepsTheRestOfTheItem()
    {
        _folder.Write("orleans.yaml", "daemons:\n  - url: http://127.0.0.1:5888\n    user: me\n");
        _environment["GRAINPOOL_Daemons__0__Password"] = "geheim";
        Add();
        Assert.Equal(("http://127.0.0.1:5888", "me", "geheim"), (_configuration["daemons:0:url"], _configuration["daemons:0:user"], _configuration["daemons:0:password"]));
    }

    [Fact]
    public void File_NotNamed_IsTheFirstUpwards()
    {
        _folder.Write("orleans.yaml", "pool:\n  network: devnet\n");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "a/b"));
        _configuration.AddGrainpoolYaml([], _environment, Path.Combine(_folder.Path, "a/b"), TimeProvider.System);
        Assert.Equal("devnet", _configuration["pool:network"]);
        Assert.Equal(Path.Combine(_folder.Path, "data"), _configuration["pool:dataFolder"]);
    }

    [Fact]
    public void File_NamedByArgumentAndEnvironment_IsTheArguments()
    {
        _folder.Write("one.yaml", "stratum:\n  port: 1\n");
        _folder.Write("two.yaml", "stratum:\n  port: 2\n");
        _environment["GRAINPOOL_CONFIG"] = "one.yaml";
        Add("--config", "two.yaml");
        Assert.Equal("2", _configuration["stratum:port"]);
    }

    [Fact]
    public void File_NamedByEnvironment_IsThat()
    {
        _folder.Write("orleans.yaml", "stratum:\n  port: 1\n");
        _folder.Write("two.yaml", "stratum:\n  port: 2\n");
        _environment["GRAINPOOL_CONFIG"] = Path.Combine(_folder.Path, "two.yaml");
        Add();
        Assert.Equal("2", _configuration["stratum:port"]);
    }

    [Fact]
    public void File_NamedButMissing_IsRefused() =>
        Assert.Equal($"There is no configuration file {_folder.Path}/gone.yaml; --config or GRAINPOOL_CONFIG names it.", Refusal("--config=gone.yaml"));

    [Fact]
    public void Defaults_ThatFollowFromOtherSettings_FollowThem()
    {
        _folder.Write("orleans.yaml", "pool:\n  network: devnet\n  dataFolder: kept\ncluster:\n  id: mine-too\n");
        Add();
        Assert.Equal(Path.Combine(_folder.Path, "kept/spool"), _configuration["spool:folder"]);
        Assert.Equal(Path.Combine(_folder.Path, "kept/storage"), _configuration["storage:folder"]);
        Assert.Equal("mine-too", _configuration["storage:clusterId"]);
        Assert.Equal("10", _configuration["verthash:index"]);
        Assert.Equal(Path.Combine(_folder.Path, "kept/verthash-10.dat"), _configuration["verthash:dataFile"]);
    }

    [Fact]
    public void Defaults_OfTheDataFile_FollowAnIndexGivenOnTheCommandLine()
    {
        _folder.Write("orleans.yaml", "pool:\n  network: devnet\n");
        Add("--verthash:index=17", "--pool:dataFolder=/var/lib/pool");
        Assert.Equal("/var/lib/pool/verthash.dat", _configuration["verthash:dataFile"]);
    }

    [Fact]
    public void File_WithAWrongValue_IsRefusedNamingFileAndLine()
    {
        var path = _folder.Write("orleans.yaml", "stratum:\n  port: many\n");
        Assert.Equal($"{path} line 2: stratum:port is 'many'; allowed is a whole number from 0 to 65535.", Refusal());
    }

    [Fact]
    public void Environment_WithAWrongValue_IsRefusedNamingTheVariable()
    {
        _folder.Write("orleans.yaml", "");
        _environment["GRAINPOOL_Stratum__Port"] = "many";
        Assert.Equal("environment variable GRAINPOOL_Stratum__Port: Stratum:Port is 'many'; allowed is a whole number from 0 to 65535.", Refusal());
    }

    [Fact]
    public void Environment_WithAnUnknownKey_IsRefusedWithTheNearest()
    {
        _folder.Write("orleans.yaml", "");
        _environment["GRAINPOOL_Stratum__Prot"] = "9171";
        Assert.Equal("environment variable GRAINPOOL_Stratum__Prot: Stratum:Prot is not a known key; did you mean port?", Refusal());
    }

    [Theory]
    [InlineData("--stratum:prot=1", "command line, --stratum:prot: stratum:prot is not a known key; did you mean port?")]
    [InlineData("--stratum:port=x", "command line, --stratum:port: stratum:port is 'x'; allowed is a whole number from 0 to 65535.")]
    [InlineData("--stratum=x", "command line, --stratum: stratum is a whole section; name one of its keys.")]
    [InlineData("--daemons:99:url=http://x", "command line, --daemons:99:url: daemons:99 is not a place in a list; allowed is 0 to 15.")]
    [InlineData("--stratum:port", "command line: '--stratum:port' has no value; write --stratum:port=VALUE.")]
    [InlineData("start", "command line: 'start' is not understood; allowed are settings such as --stratum:port=9172.")]
    public void CommandLine_ThatIsWrong_IsRefusedNamingTheArgument(string argument, string expected)
    {
        _folder.Write("orleans.yaml", "");
        Assert.Equal(expected, Refusal(argument));
    }

    [Fact]
    public void Values_ThatContradictEachOther_AreRefusedNamingWhereTheyAre()
    {
        var path = _folder.Write("orleans.yaml", "stratum:\n  startDifficulty: 5\n  maximumDifficulty: 2\n");
        Assert.Equal(
            $"{path} line 2: stratum:startDifficulty is '5'; allowed is from stratum:minimumDifficulty, 0.001, to stratum:maximumDifficulty, 2.", Refusal());
        Assert.StartsWith("command line, --stratum:startDifficulty: stratum:startDifficulty is '7'; allowed", Refusal("--stratum:startDifficulty=7"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pool:\n  feePercent: 1\n", ": pool:payoutAddress is empty while pool:feePercent is 1; allowed is an address of the network, or a fee of 0.")]
    [InlineData("pool:\n  payoutAddress: vtc1qqqqq\n", " line 2: pool:payoutAddress is 'vtc1qqqqq'; allowed on network vertcoin is a VTC address that shares can name (NotAnAddress).")]
    [InlineData("pool:\n  network: devnet\n  payoutAddress: VjsmNkoQQNevaa5vcpvCVvDFTA7dD1Un5s\n", " line 3: pool:payoutAddress is 'VjsmNkoQQNevaa5vcpvCVvDFTA7dD1Un5s'; allowed on network devnet is a rVTC address that shares can name (OtherNetwork).")]
    [InlineData("verthash:\n  index: 10\n", " line 2: verthash:index is '10'; allowed on network vertcoin is 17 only.")]
    [InlineData("peers:\n  p2pSyncTimeout: 60\n", " line 2: peers:p2pSyncTimeout is '60'; allowed on network vertcoin is 0 only: work that does not wait for its chain would be lost.")]
    [InlineData("cluster:\n  id: My Pool\n", " line 2: cluster:id is 'My Pool'; allowed are 3 to 40 lower-case letters, digits and single hyphens, beginning and ending with a letter or digit.")]
    [InlineData("cluster:\n  siloPort: 5\n  gatewayPort: 5\n", " line 3: cluster:gatewayPort is '5', the same as cluster:siloPort; allowed is any other port.")]
    public void Section_ThatContradictsItself_IsRefused(string text, string expected)
    {
        var path = _folder.Write("orleans.yaml", text);
        Assert.Equal(path + expected, Refusal());
    }

    [Fact]
    public void SyncTimeout_OnAPrivateNetwork_IsTaken()
    {
        _folder.Write("orleans.yaml", "pool:\n  network: devnet\npeers:\n  p2pSyncTimeout: 60\n");
        Add();
        Assert.Equal(60, _configuration.GetSection(PeerOptions.Section).Get<PeerOptions>()!.P2pSyncTimeout);
    }

    [Fact]
    public void Fee_WithAnAddressOfTheNetwork_IsTaken()
    {
        _folder.Write("orleans.yaml", "pool:\n  payoutAddress: VjsmNkoQQNevaa5vcpvCVvDFTA7dD1Un5s\n  feePercent: 0.5\n");
        Add();
        Assert.Equal(0.5m, _configuration.GetSection(PoolOptions.Section).Get<PoolOptions>()!.FeePercent);
    }

    [Fact]
    public void Options_SetByCode_AreCheckedToo()
    {
        _folder.Write("orleans.yaml", "");
        Add();
        using var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(_configuration).AddGrainpoolSettings()
            .Configure<StratumOptions>(stratum => stratum.MaximumConnections = 0).BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<StratumOptions>>().Value);
        Assert.Equal(["stratum:maximumConnections is '0'; allowed is a whole number from 1 to 100000."], refused.Failures);
    }

    private void Add(params string[] arguments) => _configuration.AddGrainpoolYaml(arguments, _environment, _folder.Path, TimeProvider.System);

    private string Refusal(params string[] arguments) => Assert.Throws<StartupException>(() => Add(arguments)).Message;
}
