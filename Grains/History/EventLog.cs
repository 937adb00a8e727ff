using System.Collections.Immutable;
using Grainpool.GrainInterfaces.History;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.History;

/// <summary>The newest events, each once however often the stream brings it.</summary>
internal sealed class EventLog
{
    /// <summary>Events kept.</summary>
    public const int MostEvents = 200;

    private readonly OrderedDictionary<(PoolEventKind, Hash256), PoolEvent> _events = [];

    /// <summary>All of them, newest first.</summary>
    public ImmutableArray<PoolEvent> Recent => [.. _events.Values.OrderByDescending(news => news.At)];

    /// <summary>Adds an event.</summary>
    /// <returns>Whether it was new.</returns>
    public bool Add(PoolEvent news)
    {
        if (!_events.TryAdd((news.Kind, news.Hash), news)) return false;
        if (_events.Count > MostEvents) _events.Remove(_events.MinBy(entry => entry.Value.At).Key);
        return true;
    }

    public PoolHistoryState ToState() => new()
    {
        Events =
        [
            .. _events.Values.OrderBy(news => news.At).Select(news => new EventState
            {
                Kind = news.Kind, At = news.At, Hash = news.Hash.ToString(), Address = news.Address, Height = news.Height, Detail = news.Detail,
            }),
        ],
    };

    public static EventLog Of(params IEnumerable<PoolHistoryState> states)
    {
        var log = new EventLog();
        foreach (var news in states.SelectMany(state => state.Events).OrderBy(news => news.At))
            log.Add(new PoolEvent(news.Kind, news.At, Hash256.Parse(news.Hash), news.Address, news.Height, news.Detail));
        return log;
    }
}
