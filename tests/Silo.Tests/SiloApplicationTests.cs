using System.Net;
using System.Net.Sockets;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.Hosting;
using Grainpool.Hosting.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Grainpool.Silo.Tests;

/// <summary>Whole silos on files, built from a configuration and run within the test's process.</summary>
public sealed class SiloApplicationTests : IDisposable
{
    private static readonly HttpClient Http = new();

    private readonly TemporaryFolder _folder = new();
    private readonly int[] _ports = FreePorts.Take(3);

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Silo_Started_ServesTheChain_AndShowsItsMetrics()
    {
        using var silo = Build();
        await silo.StartAsync(None);
        var snapshot = await Snapshot(silo, snapshot => snapshot.NoWorkReason?.Contains("section daemons", StringComparison.Ordinal) == true);
        Assert.Equal(("devnet", 0), (snapshot.Network, snapshot.Height));

        var admin = silo.Services.GetRequiredService<AdminEndpoint>().Address!;
        Assert.Equal("ready\nprocess: healthy, started\n", await Http.GetStringAsync(new Uri(admin, "health/ready"), None));
        Assert.Contains("\ngrainpool_chain_height{network=\"devnet\"} 0\n", await Http.GetStringAsync(new Uri(admin, "metrics"), None), StringComparison.Ordinal);
        await silo.StopAsync(None);
    }

    [Fact]
    public async Task Silo_StartedAgainOnTheSameFiles_HasALaterEpoch()
    {
        List<long> epochs = [];
        for (var i = 0; i < 2; i++)
        {
            using var silo = Build();
            await silo.StartAsync(None);
            epochs.Add((await Snapshot(silo, snapshot => snapshot.Epoch > 0)).Epoch);
            await silo.StopAsync(None);
        }

        Assert.True(epochs[1] > epochs[0]);
    }

    [Fact]
    public async Task UnreachableDaemon_IsTheReasonForNoWork_AndReported()
    {
        using var silo = Build($"daemons:\n- url: http://127.0.0.1:{_ports[2]}\n  user: grainpool\n  password: secret\n");
        await silo.StartAsync(None);
        var snapshot = await Snapshot(silo, snapshot => snapshot.NoWorkReason?.Contains("does not answer", StringComparison.Ordinal) == true);
        Assert.Contains($"http://127.0.0.1:{_ports[2]}", snapshot.NoWorkReason, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", snapshot.NoWorkReason, StringComparison.Ordinal);

        var daemons = await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ITemplateGrain>("devnet").Daemons();
        Assert.False(Assert.Single(daemons).Healthy);
        await silo.StopAsync(None);
    }

    [Fact]
    public async Task PortInUse_StopsTheStart_BeforeAnythingIsJoined()
    {
        using var taken = new TcpListener(IPAddress.Loopback, _ports[0]);
        taken.Start();
        using var silo = Build();
        var refusal = await Assert.ThrowsAsync<StartupException>(() => silo.StartAsync(None));
        Assert.Contains("cluster:siloPort", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_ports[0].ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("data/storage/silo-tests/membership.json")));
    }

    [Fact]
    public async Task DaemonWithoutCredentials_StopsTheStart()
    {
        using var silo = Build("daemons:\n- url: http://127.0.0.1:5888\n");
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => silo.StartAsync(None));
        Assert.Contains("daemons:0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongValue_StopsTheStart_WithKeyValueAndRange()
    {
        var refusal = Assert.Throws<StartupException>(() => Build(arguments: "--cluster:siloPort=70000"));
        Assert.Contains("cluster:siloPort is '70000'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("65535", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StorageThatCannotBe_StopsTheStart()
    {
        var refusal = Assert.Throws<OptionsValidationException>(() => Build(arguments: ["--storage:kind=azure", "--storage:connectionString=nonsense"]));
        Assert.Contains("storage:connectionString", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("nonsense", refusal.Message, StringComparison.Ordinal);
    }

    private IHost Build(string more = "", params string[] arguments)
    {
        File.WriteAllText(
            _folder.File("orleans.yaml"),
            $"""
            pool:
              network: devnet
              dataFolder: data
            storage:
              kind: file
            cluster:
              id: silo-tests
              siloPort: {_ports[0]}
              gatewayPort: {_ports[1]}
            admin:
              siloPort: 0
            logging:
              logLevel:
                default: critical
            {more}
            """);
        return SiloApplication.Build([$"--config={_folder.File("orleans.yaml")}", .. arguments]);
    }

    private static async Task<ChainSnapshot> Snapshot(IHost silo, Func<ChainSnapshot, bool> satisfied)
    {
        var chain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<IShareChainGrain>("devnet");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(None);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var snapshot = await chain.Snapshot();
            if (satisfied(snapshot)) return snapshot;
            // The chain loads and pulls templates on its own, and a snapshot is up to a second old.
            await Task.Delay(50, patience.Token);
        }
    }
}
