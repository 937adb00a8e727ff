using Grainpool.Grains.State;
using Grainpool.P2Pool.Peers;

namespace Grainpool.Grains.Peers;

/// <summary>The standing of a host at rest.</summary>
[GenerateSerializer, Alias("grainpool.PeerState")]
internal sealed record PeerState : IRevisedState
{
    /// <inheritdoc/>
    [Id(0)]
    public long Revision { get; set; }

    /// <inheritdoc/>
    [Id(1)]
    public Guid Writer { get; set; }

    /// <summary>First introduction; null for a host that has done nothing valid, which is never stored.</summary>
    [Id(2)]
    public DateTimeOffset? FirstSeen { get; set; }

    /// <summary>Last introduction.</summary>
    [Id(3)]
    public DateTimeOffset? LastSeen { get; set; }

    /// <summary>End of the last ban.</summary>
    [Id(4)]
    public DateTimeOffset? BannedUntil { get; set; }

    /// <summary>Bans so far, less those forgiven.</summary>
    [Id(5)]
    public int Bans { get; set; }

    /// <summary>What the last ban was for.</summary>
    [Id(6)]
    public PeerFault? LastFault { get; set; }

    /// <summary>What it said it is.</summary>
    [Id(7)]
    public string Software { get; set; } = "";
}
