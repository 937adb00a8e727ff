using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Grainpool.Orleans.AzureStorage.Tests.Clusters;

/// <summary>Real silos and a real client in this process, over sockets, with nothing of a test host between them and the storage under test.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>Milliseconds after which a test that waits for a silo, a log line or an event has failed.</summary>
    internal const int Patience = 60_000;

    private readonly StorageOptions _storage;
    private readonly List<TestSilo> _silos = [];
    private IHost? _client;

    private TestCluster(StorageOptions storage) => _storage = storage;

    internal IReadOnlyList<TestSilo> Silos => _silos;

    internal IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    internal static string NewName() => $"t{Guid.NewGuid():N}"[..24];

    internal static async Task<TestCluster> Start(StorageOptions storage, int silos)
    {
        var cluster = new TestCluster(storage);
        for (var i = 0; i < silos; i++) await cluster.AddSilo();
        await cluster.Connect();
        return cluster;
    }

    internal async Task<TestSilo> AddSilo()
    {
        var silo = new TestSilo(BuildSilo(_storage));
        await silo.Host.StartAsync(TestContext.Current.CancellationToken);
        _silos.Add(silo);
        return silo;
    }

    internal async Task Stop(TestSilo silo)
    {
        _silos.Remove(silo);
        await silo.Host.StopAsync(TestContext.Current.CancellationToken);
        silo.Host.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            _client.Dispose();
        }

        await Task.WhenAll(_silos.Select(silo => silo.Host.StopAsync()));
        foreach (var silo in _silos) silo.Host.Dispose();
    }

    internal static IHost BuildSilo(StorageOptions storage, ILoggerProvider? log = null)
    {
        var builder = NewBuilder();
        if (log is not null) builder.Logging.AddProvider(log).AddFilter("Grainpool", LogLevel.Information);
        builder.UseOrleans(silo =>
        {
            silo.UseGrainpoolStorage(storage);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort());
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(1);
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
                membership.NumVotesForDeathDeclaration = 1;
            });
        });
        return builder.Build();
    }

    private async Task Connect()
    {
        var builder = NewBuilder();
        builder.UseOrleansClient(client =>
        {
            client.UseGrainpoolStorage(_storage);
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
        });
        _client = builder.Build();
        await _client.StartAsync(TestContext.Current.CancellationToken);
    }

    private static HostApplicationBuilder NewBuilder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

internal sealed record TestSilo(IHost Host)
{
    internal SiloAddress Address => Host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    internal IGrainFactory Grains => Host.Services.GetRequiredService<IGrainFactory>();
}
