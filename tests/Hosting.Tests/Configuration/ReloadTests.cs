using System.Threading.Channels;
using Grainpool.Hosting.Configuration;
using Grainpool.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grainpool.Hosting.Tests.Configuration;

/// <summary>
/// orleans.yaml is edited while the process runs, with the real watch over the real file: each test waits for what the log is told
/// of the change, then looks at the options in force.
/// </summary>
public sealed class ReloadTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConfigurationManager _configuration = new();
    private readonly ServiceProvider _services;
    private readonly Channel<ConfigurationChange> _changes = Channel.CreateUnbounded<ConfigurationChange>();

    public ReloadTests()
    {
        Edit("stratum:\n  secondsPerShare: 20\n");
        _configuration.AddGrainpoolYaml(["--stratum:idleSeconds=60"], new Dictionary<string, string>(), _folder.Path, TimeProvider.System);
        _services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(_configuration).AddGrainpoolSettings().BuildServiceProvider();
        Provider.Listen(change => _changes.Writer.TryWrite(change));
    }

    private YamlConfigurationProvider Provider => ((IConfigurationRoot)_configuration).Providers.OfType<YamlConfigurationProvider>().Single();

    private StratumOptions InForce => _services.GetRequiredService<IOptionsMonitor<StratumOptions>>().CurrentValue;

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _configuration.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Edit_ThatIsGood_ComesIntoForce()
    {
        Assert.Equal(20, InForce.SecondsPerShare);
        Edit("stratum:\n  secondsPerShare: 30\n");
        await TakenAsync();
        Assert.Equal((30, 60), (InForce.SecondsPerShare, InForce.IdleSeconds));
    }

    [Theory]
    [InlineData("stratum: {\n", "is not YAML")]
    [InlineData("", null)]
    [InlineData("stratum:\n  secondsPerShare: 0\n", "line 2: stratum:secondsPerShare is '0'; allowed is a whole number from 1 to 300.")]
    [InlineData("stratum:\n  secondPerShare: 30\n", "line 2: stratum:secondPerShare is not a known key; did you mean secondsPerShare?")]
    [InlineData("stratum:\n  secondsPerShare: 30\n  startDifficulty: 9\n  maximumDifficulty: 3\n", "line 3: stratum:startDifficulty is '9'; allowed is from")]
    public async Task Edit_ThatIsBad_LeavesTheLastGoodSettingsInForceAndIsTold(string text, string? expected)
    {
        Assert.Equal(20, InForce.SecondsPerShare);
        Edit(text);
        var change = await NextAsync();
        if (expected is null)
        {
            // An empty file is a good one: everything at its default.
            Assert.Null(change.Problem);
            Assert.Equal(10, InForce.SecondsPerShare);
            return;
        }
        Assert.Contains(expected, change.Problem, StringComparison.Ordinal);
        Assert.Equal((20, 60), (InForce.SecondsPerShare, InForce.IdleSeconds));

        Edit("stratum:\n  secondsPerShare: 40\n");
        await TakenAsync();
        Assert.Equal(40, InForce.SecondsPerShare);
    }

    [Fact]
    public async Task File_Removed_LeavesTheLastGoodSettingsInForce()
    {
        File.Delete(Path.Combine(_folder.Path, "orleans.yaml"));
        Assert.Contains("cannot be read", (await NextAsync()).Problem, StringComparison.Ordinal);
        Assert.Equal(20, InForce.SecondsPerShare);
    }

    [Fact]
    public async Task File_WrittenInPlace_IsReadAgain()
    {
        _folder.Write("orleans.yaml", "stratum:\n  secondsPerShare: 50\n");
        // The file may be seen empty for a moment, so the change may come in two steps.
        while (InForce.SecondsPerShare != 50) await NextAsync();
    }

    [Fact]
    public async Task Listener_OfAnotherProject_ThatThrows_IsToldAndDoesNoHarm()
    {
        using var _ = ((IConfiguration)_configuration).GetReloadToken().RegisterChangeCallback(_ => throw new InvalidOperationException("daemons:0 is odd"), null);
        Edit("stratum:\n  secondsPerShare: 30\n");
        Assert.Contains("daemons:0 is odd", (await NextAsync()).Problem, StringComparison.Ordinal);
        Assert.Equal("30", _configuration["stratum:secondsPerShare"]);
    }

    /// <summary>Replaces the file in one step, as editors do that save through a second file.</summary>
    private void Edit(string text) => File.Move(_folder.Write("orleans.yaml.new", text), Path.Combine(_folder.Path, "orleans.yaml"), overwrite: true);

    private async Task TakenAsync() => Assert.Null((await NextAsync()).Problem);

    private async Task<ConfigurationChange> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        return await _changes.Reader.ReadAsync(patience.Token);
    }
}
