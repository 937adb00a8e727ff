using Grainpool.Grains;
using Grainpool.Hosting.Settings;
using Grainpool.Orleans.AzureStorage;
using Microsoft.Extensions.Options;

namespace Grainpool.Silo;

/// <summary>Says in one line what this silo is, once it has joined, and that it leaves.</summary>
internal sealed partial class SiloNotice(
    NodeSettings settings, IOptions<PoolClusterOptions> cluster, IConfiguration configuration, ILogger<SiloNotice> logger) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var storage = configuration.GetSection(StorageOptions.Section)["kind"] ?? nameof(StorageKind.Azure);
        LogJoined(settings.Network.Name, cluster.Value.Id, cluster.Value.AdvertisedAddress, cluster.Value.SiloPort, cluster.Value.GatewayPort, storage);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        LogLeaving();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo of network {Network} joined cluster {Cluster}: silos at {Address}:{SiloPort}, gateways at port {GatewayPort}, storage {Storage}")]
    private partial void LogJoined(string network, string cluster, string address, int siloPort, int gatewayPort, string storage);

    [LoggerMessage(Level = LogLevel.Information, Message = "Told to stop: grains are stored and handed over")]
    private partial void LogLeaving();
}
