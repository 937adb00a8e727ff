using Grainpool.Daemon;
using Grainpool.Dashboard;
using Grainpool.Gateway.Blocks;
using Grainpool.Gateway.Connections;
using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Miners;
using Grainpool.Gateway.Peers;
using Grainpool.Gateway.Silos;
using Grainpool.Gateway.Spooling;
using Grainpool.Gateway.Stratum;
using Grainpool.Gateway.Work;
using Grainpool.Hosting;
using Grainpool.Hosting.Clustering;
using Grainpool.Hosting.Settings;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.Verthash;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Grainpool.Gateway;

/// <summary>A gateway as a host: everything between the sockets of miners and the grains.</summary>
public static class GatewayApplication
{
    // More than this a miner or browser does not need, and a connection may not take.
    private const int SocketBufferBytes = 64 * 1024;

    // Browsers come beside the miners.
    private const int HttpConnections = 1_000;

    // Other nodes that are about to be turned away take a place for a moment.
    private const int PeerPlaces = 2;

    /// <summary>Builds a gateway that finds the silos as orleans.yaml says.</summary>
    /// <param name="arguments">The arguments of the process: settings such as <c>--stratum:port=9172</c>.</param>
    /// <param name="configure">Changes the builder at last: tests replace the proof of work, a local run the log. Null for nothing.</param>
    /// <returns>The host, not started. Its worker port opens when a silo has been reached and the data file is checked.</returns>
    /// <exception cref="StartupException">The configuration cannot be taken.</exception>
    public static WebApplication Build(IReadOnlyList<string> arguments, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = GrainpoolHost.CreateGatewayBuilder(arguments);
        AddDataFile(builder.Services);
        var storage = builder.Configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        builder.UseOrleansClient(client => client.UseGrainpoolCluster().UseGrainpoolStorage(storage));
        return Finish(builder, configure);
    }

    /// <summary>Builds a gateway that uses a client of the cluster which its caller connects and keeps.</summary>
    /// <param name="arguments">The arguments of the process.</param>
    /// <param name="cluster">A connected client, such as that of a test cluster.</param>
    /// <param name="configure">Changes the builder at last; null for nothing.</param>
    /// <returns>The host, not started.</returns>
    /// <exception cref="StartupException">The configuration cannot be taken.</exception>
    public static WebApplication Build(IReadOnlyList<string> arguments, IClusterClient cluster, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var builder = GrainpoolHost.CreateGatewayBuilder(arguments);
        AddDataFile(builder.Services);
        // As instances, which the container does not dispose.
        builder.Services.AddSingleton(cluster);
        builder.Services.AddSingleton<IGrainFactory>(cluster);
        return Finish(builder, configure);
    }

    private static string Version => typeof(GatewayApplication).Assembly.GetName().Version?.ToString(3) ?? "";

    private static WebApplication Finish(WebApplicationBuilder builder, Action<WebApplicationBuilder>? configure)
    {
        AddParts(builder.Services);
        AddDaemons(builder);
        AddLoops(builder.Services);
        builder.Services.AddPeers();
        AddWorkerPort(builder);
        var pool = builder.Configuration.GetSection(PoolOptions.Section).Get<PoolOptions>() ?? new PoolOptions();
        builder.Services.AddGrainpoolDashboard(new DashboardOptions(NetworkOf(pool), Version));
        configure?.Invoke(builder);
        var application = builder.Build();
        application.MapGrainpoolDashboard();
        return application;
    }

    // Before the client, since hosted services start in the order of their registration: without the file there is no reason to join anything.
    private static void AddDataFile(IServiceCollection services)
    {
        services.AddSingleton<DataFile>();
        services.AddHostedService(provider => provider.GetRequiredService<DataFile>());
        services.AddSingleton<IVerthash>(provider => provider.GetRequiredService<DataFile>());
    }

    private static void AddParts(IServiceCollection services)
    {
        services.AddSingleton(provider => NetworkOf(provider.GetRequiredService<IOptions<PoolOptions>>().Value));
        services.AddSingleton(provider => new PayeeScripts(provider.GetRequiredService<NetworkParameters>().Parent));
        services.AddSingleton(provider => IdentityOf(
            provider.GetRequiredService<IOptions<StratumOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => StratumSettings.From(
            provider.GetRequiredService<IOptions<StratumOptions>>().Value, provider.GetRequiredService<NetworkParameters>()));
        services.AddSingleton(provider => FeeOf(provider.GetRequiredService<IOptions<PoolOptions>>().Value));
        services.AddSingleton(provider => PatienceOf(provider.GetRequiredService<IOptions<PatienceOptions>>().Value));
        services.AddSingleton(provider => HostLimitsOf(provider.GetRequiredService<IOptions<StratumOptions>>().Value));
        services.AddSingleton<HostBook>();
        services.AddSingleton(provider => PortSettingsOf(provider.GetRequiredService<IOptions<StratumOptions>>().Value));
        services.AddSingleton(OpenCertificate);
        services.AddSingleton<SiloNews>();
        services.AddSingleton<ISiloLink, OrleansSiloLink>();
        services.AddSingleton<PoolClock>();
        services.AddSingleton<CurrentWork>();
        services.AddSingleton(provider => new JobFactory(
            provider.GetRequiredService<NetworkParameters>(), provider.GetRequiredService<PoolClock>(), provider.GetRequiredService<OperatorFee>(),
            provider.GetRequiredService<StratumSettings>().Start));
        services.AddSingleton<MinerBook>();
        services.AddSingleton(provider => OpenSpool(
            provider.GetRequiredService<IOptions<SpoolOptions>>().Value, provider.GetRequiredService<ILogger<Spool>>()));
        services.AddSingleton<FoundBlocks>();
        services.AddSingleton(provider => OpenHasher(provider.GetRequiredService<IVerthash>(), provider.GetRequiredService<StratumSettings>()));
        services.AddSingleton<SolutionDesk>();
        services.AddSingleton<StratumServices>();
        services.AddSingleton<MinerSessions>();
        services.AddSingleton<IConnectionCount>(provider => provider.GetRequiredService<MinerSessions>());
        services.AddSingleton<WorkerPort>();
        services.AddSingleton<SpoolDelivery>();
        services.AddSingleton<WorkLink>();
        services.AddSingleton<WorkReporter>();
        services.AddSingleton<ILocalMiners, LocalMinersView>();
        services.AddHealthChecks().AddCheck<WorkHealth>("work");
    }

    // They stop in the opposite order: the delivery is the last to lose its silo.
    private static void AddLoops(IServiceCollection services)
    {
        services.AddHostedService(provider => provider.GetRequiredService<SpoolDelivery>());
        services.AddHostedService(provider => provider.GetRequiredService<WorkReporter>());
        services.AddHostedService(provider => provider.GetRequiredService<WorkLink>());
        services.AddHostedService(provider => provider.GetRequiredService<MinerSessions>());
        services.AddHostedService<OpenFileLimit>();
    }

    // A gateway without a daemon works; its blocks go by the silos alone.
    private static void AddDaemons(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDaemonLink, DaemonLink>();
        if (builder.Configuration.GetSection(DaemonOptions.Section).GetChildren().Any())
        {
            builder.Services.AddDaemons();
            return;
        }
        builder.Services.AddDaemonConnections();
        builder.Services.AddSingleton(provider => provider.CreateDaemons(new DaemonOptions()));
    }

    private static void AddWorkerPort(WebApplicationBuilder builder)
    {
        builder.Services.Configure<SocketTransportOptions>(sockets =>
            (sockets.MaxReadBufferSize, sockets.MaxWriteBufferSize) = (SocketBufferBytes, SocketBufferBytes));
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IServiceProvider>((kestrel, provider) =>
        {
            kestrel.AddServerHeader = false;
            var peers = provider.GetRequiredService<IOptions<PeerOptions>>().Value;
            kestrel.Limits.MaxConcurrentConnections =
                provider.GetRequiredService<StratumSettings>().MaxConnections + HttpConnections + (PeerPlaces * peers.Incoming);
            if (peers.Incoming > 0) kestrel.Listen(peers.EndPoint, listen => listen.UseConnectionHandler<PeerPort>());
            kestrel.Listen(provider.GetRequiredService<IOptions<StratumOptions>>().Value.EndPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(SocketTransport.Before);
                // Asked for when the port opens: nothing is to be taken hold of while the host is only built.
                listen.Use(next => provider.GetRequiredService<WorkerPort>().Before(next));
            });
        });
    }

    // The settings have been checked: where there is a fee there is an address.
    private static OperatorFee FeeOf(PoolOptions pool) => new(pool.PayoutAddress, pool.FeePercent);

    private static NetworkParameters NetworkOf(PoolOptions pool) => KnownNetworks.Find(pool.Network);

    private static GatewayIdentity IdentityOf(StratumOptions stratum, TimeProvider time) =>
        new($"{Environment.MachineName}:{stratum.Port}", Guid.NewGuid(), time.GetUtcNow());

    private static WorkPatience PatienceOf(PatienceOptions options) => new()
    {
        WithoutSilos = TimeSpan.FromSeconds(options.WithoutSilosSeconds),
        WithoutConfirmation = TimeSpan.FromSeconds(options.WithoutConfirmationSeconds),
        OnOldTip = TimeSpan.FromSeconds(options.OnOldTipSeconds),
        WithoutWork = TimeSpan.FromSeconds(options.WithoutWorkSeconds),
    };

    private static HostLimits HostLimitsOf(StratumOptions options) => new(options.MaximumConnectionsPerHost, TimeSpan.FromSeconds(options.BanSeconds));

    // The settings have been checked: the networks can be read.
    private static PortSettings PortSettingsOf(StratumOptions options) =>
        new(TimeSpan.FromSeconds(options.LoginSeconds), TimeSpan.FromSeconds(options.IdleSeconds), options.Tls, options.ProxyNetworks!.Value);

    private static PoolCertificate OpenCertificate(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<StratumOptions>>().Value;
        var own = Path.Combine(provider.GetRequiredService<IOptions<PoolOptions>>().Value.DataFolder, "gateway-certificate.pem");
        var certificate = new PoolCertificate(
            new CertificateSource(NullIfEmpty(options.Certificate), NullIfEmpty(options.CertificateKey), NullIfEmpty(options.CertificatePassword), own),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PoolCertificate>>());
        if (options.Tls) certificate.Load();
        return certificate;
    }

    // Threads of the pool that compute a hash, or write to the disk, are missing to everybody else for a moment: so there are as many more from the beginning.
    // Each miner has one submission hashed at a time: there is room for those of all.
    private static BatchingHasher OpenHasher(IVerthash verthash, StratumSettings settings)
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 2 * Environment.ProcessorCount), ports);
        return new BatchingHasher(verthash, new BatchingHasherLimits { InPlace = Environment.ProcessorCount, Waiting = settings.MaxConnections });
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Spool OpenSpool(SpoolOptions options, ILogger log)
    {
        const long megabyte = 1024 * 1024;
        var folder = options.Folder;
        try
        {
            return Spool.Open(folder, new SpoolLimits(options.FullMegabytes * megabyte, options.CompactMegabytes * megabyte), log);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StartupException($"spool:folder is '{folder}', which cannot be used: {refused.Message} (every gateway needs a folder of its own)", refused);
        }
    }
}
