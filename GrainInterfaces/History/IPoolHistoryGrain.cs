using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.GrainInterfaces.History;

/// <summary>What happened lately, for people; fed by the event stream. Its key is the network's name.</summary>
[Alias("grainpool.PoolHistory")]
public interface IPoolHistoryGrain : IGrainWithStringKey
{
    /// <summary>The newest events, newest first, at most 200.</summary>
    [Alias("recent")]
    Task<ImmutableArray<PoolEvent>> Recent();
}

/// <summary>Names of the event stream.</summary>
public static class EventStream
{
    /// <summary>Name of the stream provider.</summary>
    public const string Provider = "events";

    /// <summary>Namespace of the streams; the key is the network's name.</summary>
    public const string Namespace = "pool";
}

/// <summary>Kinds of events.</summary>
public enum PoolEventKind
{
    /// <summary>A share of ours was accepted into the chain.</summary>
    ShareAccepted,

    /// <summary>A miner of ours found a block.</summary>
    BlockFound,

    /// <summary>A daemon took the block.</summary>
    BlockAccepted,

    /// <summary>All daemons refused the block.</summary>
    BlockRejected,
}

/// <summary>Something that people like to hear of.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="At">When.</param>
/// <param name="Hash">The share or block.</param>
/// <param name="Address">Who found it.</param>
/// <param name="Height">Share: its absolute height; block: its block height.</param>
/// <param name="Detail">More, in words; null for nothing.</param>
[GenerateSerializer, Immutable, Alias("grainpool.PoolEvent")]
public sealed record PoolEvent(
    [property: Id(0)] PoolEventKind Kind,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] Hash256 Hash,
    [property: Id(3)] string Address,
    [property: Id(4)] uint Height,
    [property: Id(5)] string? Detail);
