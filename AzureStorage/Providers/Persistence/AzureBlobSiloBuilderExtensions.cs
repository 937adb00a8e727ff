using Grainpool.Orleans.AzureStorage.Providers.Persistence;
using Grainpool.Orleans.AzureStorage.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;

namespace Orleans.Hosting;

/// <summary>Grain state in Azure blobs, under the names of the official package.</summary>
public static class AzureBlobSiloBuilderExtensions
{
    /// <summary>Keeps grain state in blobs, as the storage named <paramref name="name"/>.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorage(this ISiloBuilder builder, string name, Action<AzureBlobStorageOptions> configureOptions) =>
        builder.AddAzureBlobGrainStorage(name, (OptionsBuilder<AzureBlobStorageOptions> options) => options.Configure(configureOptions));

    /// <inheritdoc cref="AddAzureBlobGrainStorage(ISiloBuilder, string, Action{AzureBlobStorageOptions})"/>
    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(services =>
        {
            configureOptions?.Invoke(services.AddOptions<AzureBlobStorageOptions>(name));
            services.AddGrainStorage(name, Create);
        });
    }

    private static BlobGrainStorage Create(IServiceProvider services, string name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get(name);
        var service = options.BlobServiceClient
            ?? throw new OrleansConfigurationException($"{nameof(AzureBlobStorageOptions)}.{nameof(options.BlobServiceClient)} of '{name}' is not set.");
        return new BlobGrainStorage(
            service.GetBlobContainerClient(options.ContainerName),
            options.GrainStorageSerializer ?? new GrainStateJson(),
            services.GetRequiredService<IActivatorProvider>());
    }
}
