using Orleans.Serialization;

namespace Grainpool.Orleans.AzureStorage.Providers.Streaming;

/// <summary>Queue messages: the Orleans serializer's bytes as base64 text.</summary>
internal sealed class QueueMessageText(Serializer serializer)
{
    /// <summary>The service takes 64 KiB of text.</summary>
    internal const int MaxLength = 64 * 1024;

    private readonly Serializer<QueuedEvents> _serializer = serializer.GetSerializer<QueuedEvents>();

    /// <summary>The messages that carry <paramref name="events"/> in order: one when they fit, else as few as halving finds.</summary>
    /// <exception cref="ArgumentException">A single event is too large for a message.</exception>
    internal IEnumerable<string> Write(StreamId streamId, List<object> events, Dictionary<string, object>? requestContext)
    {
        var text = Convert.ToBase64String(_serializer.SerializeToArray(new QueuedEvents(streamId, events, requestContext)));
        if (text.Length <= MaxLength) return [text];
        if (events.Count > 1)
        {
            var half = events.Count / 2;
            return Write(streamId, events[..half], requestContext).Concat(Write(streamId, events[half..], requestContext));
        }

        throw new ArgumentException(
            $"An event of type {events[0].GetType().Name} for stream {streamId} takes {text.Length} characters as a queue message; " +
            $"Azure Queues take {MaxLength} (about {MaxLength / 4 * 3 / 1024} KiB before base64). Send a key and keep the content elsewhere.",
            nameof(events));
    }

    internal QueuedEvents Read(BinaryData body) =>
        _serializer.Deserialize(Convert.FromBase64String(body.ToString())) ?? throw new InvalidDataException("the message holds no events");
}
