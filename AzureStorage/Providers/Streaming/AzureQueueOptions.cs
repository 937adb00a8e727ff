using Azure.Storage.Queues;

namespace Orleans.Configuration;

/// <summary>Which queues carry a stream provider's events.</summary>
public class AzureQueueOptions
{
    /// <summary>Client of the storage account.</summary>
    public QueueServiceClient? QueueServiceClient { get; set; }

    /// <summary>How long a message that a silo has taken stays hidden from others; the service's 30 s when not set.</summary>
    public TimeSpan? MessageVisibilityTimeout { get; set; }

    /// <summary>Names of the queues; producers and consumers must have the same, in the same order.</summary>
    public List<string> QueueNames { get; set; } = [];
}
