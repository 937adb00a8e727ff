using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Streams over Azure Queues, under the names of the official package.</summary>
public static class AzureQueueStreamExtensions
{
    /// <summary>Adds a stream provider over Azure Queues to a silo.</summary>
    public static ISiloBuilder AddAzureQueueStreams(this ISiloBuilder builder, string name, Action<SiloAzureQueueStreamConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configurator = new SiloAzureQueueStreamConfigurator(name, services => builder.ConfigureServices(services));
        configure?.Invoke(configurator);
        return builder;
    }

    /// <inheritdoc cref="AddAzureQueueStreams(ISiloBuilder, string, Action{SiloAzureQueueStreamConfigurator})"/>
    public static ISiloBuilder AddAzureQueueStreams(this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureQueueOptions>> configureOptions) =>
        builder.AddAzureQueueStreams(name, (SiloAzureQueueStreamConfigurator configurator) => configurator.ConfigureAzureQueue(configureOptions));

    /// <summary>Adds a stream provider over Azure Queues to a client.</summary>
    public static IClientBuilder AddAzureQueueStreams(
        this IClientBuilder builder, string name, Action<ClusterClientAzureQueueStreamConfigurator> configure)
    {
        var configurator = new ClusterClientAzureQueueStreamConfigurator(name, builder);
        configure?.Invoke(configurator);
        return builder;
    }

    /// <inheritdoc cref="AddAzureQueueStreams(IClientBuilder, string, Action{ClusterClientAzureQueueStreamConfigurator})"/>
    public static IClientBuilder AddAzureQueueStreams(this IClientBuilder builder, string name, Action<OptionsBuilder<AzureQueueOptions>> configureOptions) =>
        builder.AddAzureQueueStreams(name, (ClusterClientAzureQueueStreamConfigurator configurator) => configurator.ConfigureAzureQueue(configureOptions));
}
