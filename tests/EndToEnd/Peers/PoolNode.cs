using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Grainpool.Daemon;
using Grainpool.Dashboard;
using Grainpool.Gateway;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.Grains;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Networks;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Grainpool.EndToEnd.Peers;

/// <summary>What a node is like.</summary>
internal sealed record PoolNodeSettings
{
    public const string DaemonUser = "grainpool";
    public const string DaemonPassword = "several-nodes";

    /// <summary>Url of its coin daemon.</summary>
    public required Uri Daemon { get; init; }

    /// <summary>A Verthash table.</summary>
    public required string DataFile { get; init; }

    /// <summary>Its size.</summary>
    public required int DataFileIndex { get; init; }

    /// <summary>Whose shares it knows.</summary>
    public NetworkParameters Network { get; init; } = KnownNetworks.Devnet;

    /// <summary>Whether it waits for nobody.</summary>
    public bool Solo { get; init; }

    /// <summary>Ports of this machine that it goes to.</summary>
    public ImmutableArray<int> Nodes { get; init; } = [];

    /// <summary>What it keeps; null for a folder of its own that goes with it.</summary>
    public DirectoryInfo? Folder { get; init; }

    /// <summary>Changes its gateway at last.</summary>
    public Action<IServiceCollection> Change { get; init; } = static _ => { };
}

/// <summary>A whole node in this process: a silo of a test cluster on plain files, and a gateway with ports for miners and for other nodes.</summary>
internal sealed class PoolNode : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly bool _isFolderOurs;
    private readonly InProcessTestCluster _cluster;
    private readonly WebApplication _gateway;

    private PoolNode(PoolNodeSettings settings, DirectoryInfo folder, InProcessTestCluster cluster, WebApplication gateway, int workerPort, int peerPort)
    {
        (_folder, _isFolderOurs, _cluster, _gateway) = (folder, settings.Folder is null, cluster, gateway);
        (Network, WorkerPort, PeerPort) = (settings.Network, workerPort, peerPort);
    }

    public NetworkParameters Network { get; }

    /// <summary>Port for miners and browsers.</summary>
    public int WorkerPort { get; }

    /// <summary>Port for other nodes.</summary>
    public int PeerPort { get; }

    /// <summary>What the gateway is made of.</summary>
    public IServiceProvider Services => _gateway.Services;

    /// <summary>Its cluster.</summary>
    public IClusterClient Cluster => _cluster.Client;

    /// <summary>Its chain.</summary>
    public IShareChainGrain Chain => _cluster.Client.GetGrain<IShareChainGrain>(Network.Name);

    public static async Task<PoolNode> StartAsync(PoolNodeSettings settings, CancellationToken cancellation)
    {
        var folder = settings.Folder ?? Directory.CreateTempSubdirectory("grainpool-node-");
        var cluster = await StartSiloAsync(settings, folder);
        var (workerPort, peerPort) = (FreePort(), FreePort());
        var gateway = GatewayApplication.Build(Arguments(settings, folder, workerPort, peerPort), cluster.Client, builder =>
        {
            builder.Services.AddSingleton(settings.Network);
            builder.Services.AddSingleton(new DashboardOptions(settings.Network, "test"));
            settings.Change(builder.Services);
        });
        await gateway.StartAsync(cancellation);
        return new PoolNode(settings, folder, cluster, gateway, workerPort, peerPort);
    }

    /// <summary>Waits until the chain looks like this.</summary>
    public Task<ChainSnapshot> Until(string what, Func<ChainSnapshot, bool> isSo, CancellationToken cancellation) =>
        EndToEnd.Until.Found(what, TimeSpan.FromSeconds(120), async _ => await Chain.Snapshot() is var snapshot && isSo(snapshot) ? snapshot : null, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        await _cluster.DisposeAsync();
        if (_isFolderOurs) _folder.Delete(recursive: true);
    }

    private static async Task<InProcessTestCluster> StartSiloAsync(PoolNodeSettings settings, DirectoryInfo folder)
    {
        var builder = new InProcessTestClusterBuilder(1);
        var storage = new StorageOptions { Kind = StorageKind.File, Folder = Path.Combine(folder.FullName, "storage"), ClusterId = "node" };
        builder.Options.ClusterId = storage.ClusterId;
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseGrainpoolStorage(storage);
            silo.Services.AddDaemonConnections();
            silo.Services.AddSingleton(services => services.CreateDaemons(DaemonsAt(settings.Daemon)));
            silo.Services.AddGrainpoolGrains(new NodeSettings(settings.Network, settings.Solo, DaemonRequirements.Regtest) { SeedNodes = false });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static DaemonOptions DaemonsAt(Uri daemon)
    {
        var options = new DaemonOptions();
        options.Endpoints.Add(new DaemonEndpointOptions { Url = daemon.ToString(), User = PoolNodeSettings.DaemonUser, Password = PoolNodeSettings.DaemonPassword });
        return options;
    }

    // The gateway's own word for the network matters only to what is not about shares; every name it checks here is one it can be run on.
    private static string[] Arguments(PoolNodeSettings settings, DirectoryInfo folder, int workerPort, int peerPort)
    {
        var file = Path.Combine(folder.FullName, "orleans.yaml");
        File.WriteAllText(file,
            $"""
            pool:
              network: devnet
              dataFolder: {folder.FullName}
            daemons:
            - url: {settings.Daemon}
              user: {PoolNodeSettings.DaemonUser}
              password: {PoolNodeSettings.DaemonPassword}
            verthash:
              dataFile: {settings.DataFile}
              index: {settings.DataFileIndex}
            stratum:
              address: 127.0.0.1
              port: {workerPort}
            peers:
              address: 127.0.0.1
              port: {peerPort}
              incoming: 100
              outgoing: 0
              seeds: false
              nodes:
            {string.Join('\n', settings.Nodes.Select(port => $"  - address: 127.0.0.1:{port}"))}
            admin:
              gatewayPort: 0
            logging:
              logLevel:
                default: warning
            """);
        return [$"--config={file}"];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
