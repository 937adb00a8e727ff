using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Serialization;
using Orleans.Streams;

namespace Grainpool.Orleans.AzureStorage.Providers.Streaming;

/// <summary>Puts together the parts of a stream provider over Azure Queues.</summary>
internal sealed class AzureQueueAdapterFactory : IQueueAdapterFactory
{
    private readonly AzureQueueAdapter _adapter;
    private readonly SimpleQueueAdapterCache _cache;
    private readonly HashRingBasedPartitionedStreamQueueMapper _mapper;

    private AzureQueueAdapterFactory(IServiceProvider services, string name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<AzureQueueOptions>>().Get(name);
        if (options.QueueServiceClient is null)
            throw new OrleansConfigurationException($"{nameof(AzureQueueOptions)}.{nameof(options.QueueServiceClient)} of '{name}' is not set.");
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var messages = new QueueMessageText(services.GetRequiredService<Serializer>());
        var cacheOptions = services.GetRequiredService<IOptionsMonitor<SimpleQueueCacheOptions>>().Get(name);
        _mapper = new HashRingBasedPartitionedStreamQueueMapper(options.QueueNames, name);
        _cache = new SimpleQueueAdapterCache(cacheOptions, name, loggers);
        _adapter = new AzureQueueAdapter(name, options, _mapper, messages, time, loggers);
    }

    internal static IQueueAdapterFactory Create(IServiceProvider services, string name) => new AzureQueueAdapterFactory(services, name);

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(_adapter);

    public IQueueAdapterCache GetQueueAdapterCache() => _cache;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    /// <summary>A subscriber that fails misses the event once its time is over; it is not cut off from the stream.</summary>
    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new NoOpStreamDeliveryFailureHandler(faultOnError: false));
}
