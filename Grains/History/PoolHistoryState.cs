using Grainpool.GrainInterfaces.History;
using Grainpool.Grains.State;

namespace Grainpool.Grains.History;

/// <summary>The newest events at rest.</summary>
[GenerateSerializer, Alias("grainpool.PoolHistoryState")]
internal sealed class PoolHistoryState : IRevisedState
{
    /// <inheritdoc/>
    [Id(0)]
    public long Revision { get; set; }

    /// <inheritdoc/>
    [Id(2)]
    public Guid Writer { get; set; }

    /// <summary>Events, oldest first.</summary>
    [Id(1)]
    public List<EventState> Events { get; set; } = [];
}

/// <summary>An event at rest; see <see cref="PoolEvent"/>.</summary>
[GenerateSerializer, Alias("grainpool.EventState")]
internal sealed class EventState
{
    /// <summary>What it was.</summary>
    [Id(0)]
    public PoolEventKind Kind { get; set; }

    /// <summary>When.</summary>
    [Id(1)]
    public DateTimeOffset At { get; set; }

    /// <summary>The share or block, in hex as people read it.</summary>
    [Id(2)]
    public string Hash { get; set; } = "";

    /// <summary>Who found it.</summary>
    [Id(3)]
    public string Address { get; set; } = "";

    /// <summary>Height of share or block.</summary>
    [Id(4)]
    public uint Height { get; set; }

    /// <summary>More, in words.</summary>
    [Id(5)]
    public string? Detail { get; set; }
}
