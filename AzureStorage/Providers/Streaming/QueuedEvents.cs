using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace Grainpool.Orleans.AzureStorage.Providers.Streaming;

/// <summary>Events of one stream that travel in one queue message.</summary>
[GenerateSerializer]
[Alias("grainpool.queued-events")]
internal sealed class QueuedEvents : IBatchContainer
{
    [Id(1)]
    private readonly List<object> _events;

    [Id(2)]
    private readonly Dictionary<string, object>? _requestContext;

    [Id(3)]
    private EventSequenceTokenV2 _token = new(0);

    internal QueuedEvents(StreamId streamId, List<object> events, Dictionary<string, object>? requestContext)
    {
        StreamId = streamId;
        _events = events;
        _requestContext = requestContext;
    }

    [Id(0)]
    public StreamId StreamId { get; private set; }

    public StreamSequenceToken SequenceToken => _token;

    /// <summary>Set by the receiver: the queue gives no order that both sides know.</summary>
    internal void Number(long sequence) => _token = new EventSequenceTokenV2(sequence);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() =>
        _events.OfType<T>().Select((item, index) => Tuple.Create<T, StreamSequenceToken>(item, _token.CreateSequenceTokenForEvent(index)));

    public bool ImportRequestContext()
    {
        if (_requestContext is null) return false;
        RequestContextExtensions.Import(_requestContext);
        return true;
    }

    public override string ToString() => $"{_events.Count} events of {StreamId} at {_token}";
}
