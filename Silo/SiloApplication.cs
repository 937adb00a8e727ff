using Grainpool.Daemon;
using Grainpool.Grains;
using Grainpool.Hosting;
using Grainpool.Hosting.Clustering;
using Grainpool.Hosting.Settings;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Silo;

/// <summary>A silo as a host of its own.</summary>
public static class SiloApplication
{
    /// <summary>Builds a silo from orleans.yaml, the environment and arguments; it is not started.</summary>
    /// <param name="arguments">As given to the process: <c>--config=PATH</c> and any <c>--section:key=value</c>.</param>
    /// <exception cref="StartupException">The configuration cannot be taken; the message says why in one line.</exception>
    public static IHost Build(IReadOnlyList<string> arguments) => Build(arguments, static _ => { });

    /// <summary>The same, with changes at the end: for hosts that run a silo within themselves, and tests.</summary>
    /// <param name="arguments">As given to a process.</param>
    /// <param name="configure">May replace services and set Orleans otherwise.</param>
    /// <exception cref="StartupException">The configuration cannot be taken; the message says why in one line.</exception>
    public static IHost Build(IReadOnlyList<string> arguments, Action<ISiloBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(configure);
        var builder = GrainpoolHost.CreateSiloBuilder(arguments);
        var configuration = builder.Configuration;
        var storage = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        var pool = configuration.GetSection(PoolOptions.Section).Get<PoolOptions>() ?? new PoolOptions();

        AddDaemons(builder);
        var peers = configuration.GetSection(PeerOptions.Section).Get<PeerOptions>() ?? new PeerOptions();
        builder.Services.AddGrainpoolGrains(SettingsOf(pool, peers));
        builder.UseOrleans(silo =>
        {
            silo.UseGrainpoolCluster().UseGrainpoolStorage(storage);
            configure(silo);
        });
        builder.Services.AddSingleton<SiloNotice>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SiloNotice>());
        return builder.Build();
    }

    private static NodeSettings SettingsOf(PoolOptions pool, PeerOptions peers)
    {
        var network = KnownNetworks.Find(pool.Network);
        return new NodeSettings(
            network, pool.Solo, network.Name == KnownNetworks.Vertcoin.Name ? DaemonRequirements.VertcoinMain : DaemonRequirements.Regtest)
        {
            SyncTimeout = TimeSpan.FromSeconds(peers.P2pSyncTimeout),
            SeedNodes = peers.Seeds,
        };
    }

    // Without any daemon a silo still serves the chain; it says that it has no work to hand out.
    private static void AddDaemons(HostApplicationBuilder builder)
    {
        if (builder.Configuration.GetSection(DaemonOptions.Section).GetChildren().Any())
        {
            builder.Services.AddDaemons();
        }
        else
        {
            builder.Services.AddDaemonConnections();
            builder.Services.AddSingleton(services => services.CreateDaemons(new DaemonOptions()));
        }
    }
}
