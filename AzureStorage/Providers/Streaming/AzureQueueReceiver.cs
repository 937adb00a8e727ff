using System.Net;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Grainpool.Orleans.AzureStorage.Providers.Streaming;

/// <summary>Takes messages from one queue, and removes them when their events are delivered. What a dead silo had taken comes back by itself.</summary>
/// <remarks>Delivery is at least once: an event whose removal failed or came too late is delivered again.</remarks>
internal sealed partial class AzureQueueReceiver : IQueueAdapterReceiver
{
    /// <summary>The service gives no more at a time.</summary>
    private const int MaxMessages = 32;

    private readonly QueueClient _queue;
    private readonly TimeSpan? _visibility;
    private readonly QueueMessageText _messages;
    private readonly ILogger<AzureQueueReceiver> _logger;
    private readonly Dictionary<StreamSequenceToken, QueueMessage> _taken = [];

    /// <summary>Starts at the clock, so that numbers grow across the receivers that follow one another on a queue.</summary>
    private long _sequence;

    private Task _underWay = Task.CompletedTask;
    private bool _stopped;

    internal AzureQueueReceiver(
        QueueClient queue, TimeSpan? visibility, QueueMessageText messages, TimeProvider time, ILogger<AzureQueueReceiver> logger)
    {
        _queue = queue;
        _visibility = visibility;
        _messages = messages;
        _logger = logger;
        _sequence = time.GetUtcNow().UtcTicks;
    }

    public Task Initialize(TimeSpan timeout) => Initialize(timeout, CancellationToken.None);

    public async Task Initialize(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            var what = StorageFailure.Describe(failure);
            LogNotReady(_logger, _queue.Name, what); // Made when it is next missed.
        }
    }

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken)
    {
        if (_stopped) return [];
        var receiving = Receive(maxCount, cancellationToken);
        _underWay = receiving;
        return await receiving;
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => MessagesDeliveredAsync(messages, CancellationToken.None);

    public async Task MessagesDeliveredAsync(IList<IBatchContainer> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (_stopped) return;
        var removing = Task.WhenAll(messages.Select(message => Remove(message.SequenceToken, cancellationToken)));
        _underWay = removing;
        await removing;
    }

    public Task Shutdown(TimeSpan timeout) => Shutdown(timeout, CancellationToken.None);

    public async Task Shutdown(TimeSpan timeout, CancellationToken cancellationToken)
    {
        _stopped = true;
        try
        {
            await _underWay.WaitAsync(timeout, cancellationToken);
        }
        catch (Exception failure) when (failure is TimeoutException || StorageFailure.IsStorage(failure))
        {
            var what = StorageFailure.Describe(failure);
            LogUnfinished(_logger, _queue.Name, what);
        }

        if (_taken.Count > 0) await GiveBack(timeout, cancellationToken);
    }

    private async Task<IList<IBatchContainer>> Receive(int maxCount, CancellationToken cancellationToken)
    {
        var count = maxCount is < 1 or > MaxMessages ? MaxMessages : maxCount;
        QueueMessage[] taken;
        try
        {
            taken = await _queue.ReceiveMessagesAsync(count, _visibility, cancellationToken);
        }
        catch (RequestFailedException missing) when (missing.Status == (int)HttpStatusCode.NotFound)
        {
            await _queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return [];
        }

        var batches = new List<IBatchContainer>(taken.Length);
        foreach (var message in taken)
        {
            if (TryRead(message) is not { } events)
            {
                await _queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
                continue;
            }

            events.Number(++_sequence);
            _taken[events.SequenceToken] = message;
            batches.Add(events);
        }

        return batches;
    }

    /// <summary>A message that cannot be read today cannot be read tomorrow: left in the queue it would come back for ever.</summary>
    private QueuedEvents? TryRead(QueueMessage message)
    {
        try
        {
            return _messages.Read(message.Body);
        }
        catch (Exception unreadable) when (unreadable is not OutOfMemoryException)
        {
            LogUnreadable(_logger, message.MessageId, _queue.Name, unreadable);
            return null;
        }
    }

    private async Task Remove(StreamSequenceToken token, CancellationToken cancellationToken)
    {
        if (!_taken.Remove(token, out var message)) return;
        try
        {
            await _queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken);
        }
        catch (Exception failure) when (StorageFailure.IsStorage(failure) && !cancellationToken.IsCancellationRequested)
        {
            var what = StorageFailure.Describe(failure);
            LogNotRemoved(_logger, message.MessageId, _queue.Name, what);
        }
    }

    /// <summary>On a graceful stop the next silo gets what this one had not delivered at once, and need not wait for it to reappear.</summary>
    private async Task GiveBack(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_taken.Values.Select(message => _queue.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: cancellationToken)))
                .WaitAsync(timeout, cancellationToken);
        }
        catch (Exception failure) when (failure is TimeoutException || StorageFailure.IsStorage(failure))
        {
            var what = StorageFailure.Describe(failure);
            LogUnfinished(_logger, _queue.Name, what);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue} is not ready yet: {Failure}")]
    private static partial void LogNotReady(ILogger logger, string queue, string failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Message} of queue {Queue} cannot be read and is removed")]
    private static partial void LogUnreadable(ILogger logger, string message, string queue, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Message} of queue {Queue} was delivered but not removed, so it will come again: {Failure}")]
    private static partial void LogNotRemoved(ILogger logger, string message, string queue, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Queue {Queue} was left with work under way: {Failure}")]
    private static partial void LogUnfinished(ILogger logger, string queue, string failure);
}
