using Grainpool.Daemon;
using Grainpool.GrainInterfaces.Chain;
using Grainpool.GrainInterfaces.History;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.Grains.Templates;
using Grainpool.Grains.Tests.Segments;
using Grainpool.Orleans.AzureStorage;
using Grainpool.P2Pool.Networks;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>One silo in this process with the real grains; daemons, segments and states are doubles that outlive it.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private TestSilo(InProcessTestCluster cluster, NetworkParameters network) => (_cluster, Network) = (cluster, network);

    public NetworkParameters Network { get; }

    public IClusterClient Client => _cluster.Client;

    public IShareChainGrain Chain => Client.GetGrain<IShareChainGrain>(Network.Name);

    public ITemplateGrain Template => Client.GetGrain<ITemplateGrain>(Network.Name);

    public IPoolHistoryGrain History => Client.GetGrain<IPoolHistoryGrain>(Network.Name);

    public static async Task<TestSilo> Start(TestStores stores, FakeDaemons daemons, NetworkParameters? network = null, bool solo = false, TimeSpan syncTimeout = default)
    {
        var settings = new NodeSettings(network ?? KnownNetworks.Devnet, solo, DaemonRequirements.Regtest) { SyncTimeout = syncTimeout };
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IDaemons>(daemons);
            silo.Services.AddSingleton<ISegmentStoreProvider>(stores);
            silo.Services.AddGrainStorage(StorageProviderNames.Grains, (_, _) => (IGrainStorage)stores.State);
            silo.AddMemoryGrainStorage(StorageProviderNames.Subscriptions);
            silo.AddMemoryStreams(StorageProviderNames.Events);
            silo.Services.AddGrainpoolGrains(settings);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestSilo(cluster, settings.Network);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}

/// <summary>What a silo leaves behind.</summary>
internal sealed class TestStores(TimeSpan durabilityLag) : ISegmentStoreProvider
{
    public MemorySegmentStore Segments { get; } = new(durabilityLag);

    public MemoryState State { get; } = new();

    public ISegmentStore Open(string chain) => Segments;
}
