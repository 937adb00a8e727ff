using Grainpool.Orleans.AzureStorage.Blobs;
using Grainpool.Orleans.AzureStorage.Membership;
using Grainpool.Orleans.AzureStorage.Providers.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Orleans.Hosting;

/// <summary>Clustering over Azure Tables, under the names of the official package.</summary>
public static class AzureTableClusteringExtensions
{
    /// <summary>Keeps the cluster's membership in an Azure Table.</summary>
    public static ISiloBuilder UseAzureStorageClustering(this ISiloBuilder builder, Action<AzureStorageClusteringOptions> configureOptions) =>
        builder.UseAzureStorageClustering((OptionsBuilder<AzureStorageClusteringOptions> options) => options.Configure(configureOptions));

    /// <inheritdoc cref="UseAzureStorageClustering(ISiloBuilder, Action{AzureStorageClusteringOptions})"/>
    public static ISiloBuilder UseAzureStorageClustering(
        this ISiloBuilder builder, Action<OptionsBuilder<AzureStorageClusteringOptions>> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            configureOptions?.Invoke(services.AddOptions<AzureStorageClusteringOptions>());
            services.AddSingleton(CreateTable);
            services.AddSingleton<IMembershipTable>(provider => provider.GetRequiredService<MonotonicMembershipTable>());
            services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, MembershipMemory>();
        });
    }

    /// <summary>Finds the cluster's silos in an Azure Table.</summary>
    public static IClientBuilder UseAzureStorageClustering(this IClientBuilder builder, Action<AzureStorageGatewayOptions> configureOptions) =>
        builder.UseAzureStorageClustering((OptionsBuilder<AzureStorageGatewayOptions> options) => options.Configure(configureOptions));

    /// <inheritdoc cref="UseAzureStorageClustering(IClientBuilder, Action{AzureStorageGatewayOptions})"/>
    public static IClientBuilder UseAzureStorageClustering(
        this IClientBuilder builder, Action<OptionsBuilder<AzureStorageGatewayOptions>> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            configureOptions?.Invoke(services.AddOptions<AzureStorageGatewayOptions>());
            services.AddSingleton<IGatewayListProvider>(CreateGatewayList);
        });
    }

    private static MonotonicMembershipTable CreateTable(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AzureStorageClusteringOptions>>().Value;
        var service = options.TableServiceClient
            ?? throw new OrleansConfigurationException($"{nameof(AzureStorageClusteringOptions)}.{nameof(options.TableServiceClient)} is not set.");
        var membership = services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        var canGoBack = AzureStorageClients.IsEmulator(service.AccountName);
        var store = new AzureTableMembershipStore(service, options.TableName, Cluster(services), AzureStorageClients.Remedy(canGoBack));
        var settings = new MembershipTableSettings
        {
            MendingTime = canGoBack ? membership.TableRefreshTimeout + TimeSpan.FromSeconds(1) : TimeSpan.Zero,
            Freshness = membership.NumMissedTableIAmAliveLimit * membership.IAmAliveTablePublishTimeout,
            OwnEndpoint = () => services.GetService<ILocalSiloDetails>()?.SiloAddress.Endpoint,
            KnownToOrleans = () => OrleansView.Of(services.GetService<IClusterMembershipService>()?.CurrentSnapshot),
        };
        return new MonotonicMembershipTable(
            store,
            settings,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetRequiredService<ILogger<MonotonicMembershipTable>>());
    }

    private static StoredGatewayList CreateGatewayList(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AzureStorageGatewayOptions>>().Value;
        var service = options.TableServiceClient
            ?? throw new OrleansConfigurationException($"{nameof(AzureStorageGatewayOptions)}.{nameof(options.TableServiceClient)} is not set.");
        var remedy = AzureStorageClients.Remedy(AzureStorageClients.IsEmulator(service.AccountName));
        return new StoredGatewayList(
            new AzureTableMembershipStore(service, options.TableName, Cluster(services), remedy),
            services.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod);
    }

    private static string Cluster(IServiceProvider services) => services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId;
}
