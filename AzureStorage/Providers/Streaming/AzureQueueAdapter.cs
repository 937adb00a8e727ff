using System.Collections.Concurrent;
using System.Net;
using Azure;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Streams;

namespace Grainpool.Orleans.AzureStorage.Providers.Streaming;

/// <summary>Sends events to the queues, and makes their receivers.</summary>
internal sealed class AzureQueueAdapter : IQueueAdapter
{
    private readonly AzureQueueOptions _options;
    private readonly HashRingBasedPartitionedStreamQueueMapper _mapper;
    private readonly QueueMessageText _messages;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ConcurrentDictionary<string, QueueClient> _queues = new(StringComparer.Ordinal);

    internal AzureQueueAdapter(
        string name,
        AzureQueueOptions options,
        HashRingBasedPartitionedStreamQueueMapper mapper,
        QueueMessageText messages,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        Name = name;
        _options = options;
        _mapper = mapper;
        _messages = messages;
        _time = time;
        _loggers = loggers;
    }

    public string Name { get; }

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        if (token is not null) throw new ArgumentException("Azure Queues number events themselves; publish without a token.", nameof(token));
        var queue = QueueOf(_mapper.GetQueueForStream(streamId));
        foreach (var text in _messages.Write(streamId, [.. events.Cast<object>()], requestContext)) await Send(queue, text);
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new AzureQueueReceiver(
        QueueOf(queueId), _options.MessageVisibilityTimeout, _messages, _time, _loggers.CreateLogger<AzureQueueReceiver>());

    /// <summary>The queue is made when it is first missed, and again should it disappear.</summary>
    private static async Task Send(QueueClient queue, string text)
    {
        try
        {
            await queue.SendMessageAsync(text);
        }
        catch (RequestFailedException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            await queue.CreateIfNotExistsAsync();
            await queue.SendMessageAsync(text);
        }
    }

    private QueueClient QueueOf(QueueId queueId) =>
        _queues.GetOrAdd(_mapper.QueueToPartition(queueId), name => _options.QueueServiceClient!.GetQueueClient(name));
}
