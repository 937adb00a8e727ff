using Grainpool.Orleans.AzureStorage.Blobs;
using Grainpool.Orleans.AzureStorage.Files;
using Grainpool.Orleans.AzureStorage.Membership;
using Grainpool.Orleans.AzureStorage.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Grainpool.Orleans.AzureStorage;

/// <summary>Sets up everything that a silo or a gateway keeps, on the storage that orleans.yaml names.</summary>
public static class GrainpoolStorageExtensions
{
    /// <summary>
    /// Gives a silo its membership table, grain state (<see cref="StorageProviderNames.Grains"/>), event streams
    /// (<see cref="StorageProviderNames.Events"/>), and an <see cref="ISegmentStoreProvider"/>. Sets the cluster's id.
    /// </summary>
    /// <remarks>An unreachable storage does not end the silo: it waits and says so.</remarks>
    /// <exception cref="OptionsValidationException">The options cannot work; the message names key, value and what is allowed.</exception>
    public static ISiloBuilder UseGrainpoolStorage(this ISiloBuilder builder, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Check(options);
        builder.Services.Configure<ClusterOptions>(cluster => cluster.ClusterId = options.ClusterId);
        return options.Kind == StorageKind.File ? builder.UseFiles(options) : builder.UseAzure(options);
    }

    /// <summary>
    /// Lets a gateway find the silos of the cluster and publish events (<see cref="StorageProviderNames.Events"/>). Sets the cluster's id.
    /// </summary>
    /// <remarks>Needs a connection retry filter beside it, or Orleans gives up after 3 minutes without a silo.</remarks>
    /// <exception cref="OptionsValidationException">The options cannot work; the message names key, value and what is allowed.</exception>
    public static IClientBuilder UseGrainpoolStorage(this IClientBuilder builder, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Check(options);
        builder.Services.Configure<ClusterOptions>(cluster => cluster.ClusterId = options.ClusterId);
        return options.Kind == StorageKind.File ? builder.UseFiles(options) : builder.UseAzure(options);
    }

    private static void Check(StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var result = new StorageOptionsValidator().Validate(null, options);
        if (result.Failed) throw new OptionsValidationException(StorageOptions.Section, typeof(StorageOptions), result.Failures);
    }

    private static ISiloBuilder UseAzure(this ISiloBuilder builder, StorageOptions options)
    {
        var clients = new AzureStorageClients(options.ConnectionString);
        builder.Services.AddSingleton<ISegmentStoreProvider>(new BlobSegmentStoreProvider(clients.Blobs, $"{options.ClusterId}-segments"));
        builder.UseAzureStorageClustering(clustering => clustering.TableServiceClient = clients.Tables);
        builder.AddAzureBlobGrainStorage(StorageProviderNames.Grains, (OptionsBuilder<AzureBlobStorageOptions> storage) =>
            storage.Configure<IServiceProvider>((blobs, services) =>
            {
                blobs.BlobServiceClient = clients.Blobs;
                blobs.ContainerName = $"{options.ClusterId}-grains";
                blobs.GrainStorageSerializer = StateSerializer(services);
            }));
        builder.AddAzureBlobGrainStorage(StorageProviderNames.Subscriptions, (OptionsBuilder<AzureBlobStorageOptions> storage) =>
            storage.Configure<Serializer>((blobs, serializer) =>
            {
                blobs.BlobServiceClient = clients.Blobs;
                blobs.ContainerName = $"{options.ClusterId}-subscriptions";
                blobs.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
            }));
        return builder.AddAzureQueueStreams(StorageProviderNames.Events, (OptionsBuilder<AzureQueueOptions> queues) =>
            queues.Configure(queue => Configure(queue, clients, options)));
    }

    private static IClientBuilder UseAzure(this IClientBuilder builder, StorageOptions options)
    {
        var clients = new AzureStorageClients(options.ConnectionString);
        builder.UseAzureStorageClustering(clustering => clustering.TableServiceClient = clients.Tables);
        return builder.AddAzureQueueStreams(StorageProviderNames.Events, (OptionsBuilder<AzureQueueOptions> queues) =>
            queues.Configure(queue => Configure(queue, clients, options)));
    }

    private static void Configure(AzureQueueOptions queue, AzureStorageClients clients, StorageOptions options)
    {
        queue.QueueServiceClient = clients.Queues;
        queue.MessageVisibilityTimeout = TimeSpan.FromSeconds(options.EventRedeliverySeconds);
        queue.QueueNames = [.. Enumerable.Range(0, options.EventQueues).Select(number => $"{options.ClusterId}-{StorageProviderNames.Events}-{number}")];
    }

    private static ISiloBuilder UseFiles(this ISiloBuilder builder, StorageOptions options)
    {
        var folder = new StorageFolder(options.Folder, options.ClusterId);
        builder.Services.AddSingleton(folder);
        builder.Services.AddSingleton<FolderOwnership>();
        builder.Services.AddSingleton<ISegmentStoreProvider, FileSegmentStoreProvider>();
        builder.Services.AddSingleton<IMembershipTable>(services => new MonotonicMembershipTable(
            new FileMembershipStore(folder, services.GetRequiredService<FolderOwnership>()),
            new MembershipTableSettings { OnlySilo = true },
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetRequiredService<ILogger<MonotonicMembershipTable>>()));
        builder.Services.AddGrainStorage(StorageProviderNames.Grains, (services, _) => new FileGrainStorage(
            folder, StateSerializer(services), services.GetRequiredService<IActivatorProvider>()));
        builder.Services.AddGrainStorage(StorageProviderNames.Subscriptions, (services, _) => new FileGrainStorage(
            folder,
            new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()),
            services.GetRequiredService<IActivatorProvider>()));
        return builder.AddMemoryStreams(StorageProviderNames.Events);
    }

    private static IClientBuilder UseFiles(this IClientBuilder builder, StorageOptions options)
    {
        var folder = new StorageFolder(options.Folder, options.ClusterId);
        builder.Services.AddSingleton<IGatewayListProvider>(services => new StoredGatewayList(
            new FileMembershipStore(folder, ownership: null),
            services.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod));
        return builder.AddMemoryStreams(StorageProviderNames.Events);
    }

    /// <summary>A serializer that the host has registered, say with converters for its own values, or plain JSON.</summary>
    private static GrainStateJson StateSerializer(IServiceProvider services) => services.GetService<GrainStateJson>() ?? new GrainStateJson();
}
