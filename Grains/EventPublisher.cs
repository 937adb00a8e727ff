using Grainpool.GrainInterfaces.History;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace Grainpool.Grains;

/// <summary>Hands events to the stream without keeping the grain that has them: history is not worth waiting for.</summary>
internal sealed partial class EventPublisher(IAsyncStream<PoolEvent> stream, ILogger logger)
{
    // More under way mean that the queues are away; the memory they take must not grow with the outage.
    private const int MostUnderWay = 64;

    private int _underWay;
    private bool _failing;

    /// <summary>Publishes the event some time soon, or loses it.</summary>
    public void Publish(PoolEvent news)
    {
        if (_underWay >= MostUnderWay)
            Instruments.EventsLost.WithLabels(news.Kind.ToString()).Inc();
        else
            _ = PublishAsync(news);
    }

    private async Task PublishAsync(PoolEvent news)
    {
        _underWay++;
        try
        {
            await stream.OnNextAsync(news);
            Instruments.EventsPublished.WithLabels(news.Kind.ToString()).Inc();
            _failing = false;
        }
#pragma warning disable CA1031 // Nobody waits for the outcome; it is counted and told once.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Instruments.EventsLost.WithLabels(news.Kind.ToString()).Inc();
            if (!_failing) LogLost(logger, failure.Message);
            _failing = true;
        }
        finally
        {
            _underWay--;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events cannot be published and are lost to the history: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);
}
