using Grainpool.Orleans.AzureStorage.Providers.Streaming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>What can be set on both ends of a stream provider over Azure Queues.</summary>
public interface IAzureQueueStreamConfigurator : INamedServiceConfigurator
{
}

/// <summary>What a silo can set on a stream provider over Azure Queues.</summary>
public interface ISiloAzureQueueStreamConfigurator : IAzureQueueStreamConfigurator, ISiloPersistentStreamConfigurator
{
}

/// <summary>What a client can set on a stream provider over Azure Queues.</summary>
public interface IClusterClientAzureQueueStreamConfigurator : IAzureQueueStreamConfigurator, IClusterClientPersistentStreamConfigurator
{
}

/// <summary>A silo's stream provider over Azure Queues.</summary>
public class SiloAzureQueueStreamConfigurator(string name, Action<Action<IServiceCollection>> configureServicesDelegate)
    : SiloPersistentStreamConfigurator(name, configureServicesDelegate, AzureQueueAdapterFactory.Create), ISiloAzureQueueStreamConfigurator
{
}

/// <summary>A client's stream provider over Azure Queues.</summary>
public class ClusterClientAzureQueueStreamConfigurator(string name, IClientBuilder builder)
    : ClusterClientPersistentStreamConfigurator(name, builder, AzureQueueAdapterFactory.Create), IClusterClientAzureQueueStreamConfigurator
{
}

/// <summary>Settings of a stream provider over Azure Queues, under the names of the official package.</summary>
public static class AzureQueueStreamConfiguratorExtensions
{
    /// <summary>Sets account, queues and times.</summary>
    public static void ConfigureAzureQueue(this IAzureQueueStreamConfigurator configurator, Action<OptionsBuilder<AzureQueueOptions>> configureOptions) =>
        configurator.Configure(configureOptions);

    /// <summary>Sets how many messages a silo holds for slow subscribers.</summary>
    public static void ConfigureCacheSize(
        this ISiloAzureQueueStreamConfigurator configurator, int cacheSize = SimpleQueueCacheOptions.DEFAULT_CACHE_SIZE) =>
        configurator.Configure<SimpleQueueCacheOptions>(options => options.Configure(cache => cache.CacheSize = cacheSize));
}
