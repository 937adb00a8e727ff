using System.Collections.Immutable;
using Grainpool.P2Pool.Peers;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.GrainInterfaces.Chain;

/// <summary>A share on its way into the chain.</summary>
/// <param name="WireBytes">Type and contents, as sent between nodes.</param>
/// <param name="ProofOfWork">Verthash of its header, computed by the gateway: the cluster's processes trust each other in this.</param>
/// <param name="SeenAt">When the gateway first saw it.</param>
/// <param name="Own">Found by a miner of this cluster.</param>
/// <param name="Dead">Found on work that had already been replaced.</param>
[GenerateSerializer, Immutable, Alias("grainpool.OfferedShare")]
public sealed record OfferedShare(
    [property: Id(0)] ImmutableArray<byte> WireBytes,
    [property: Id(1)] UInt256 ProofOfWork,
    [property: Id(2)] DateTimeOffset SeenAt,
    [property: Id(3)] bool Own,
    [property: Id(4)] bool Dead)
{
    /// <summary>The node that sent it; none for our own.</summary>
    [Id(5)]
    public PeerEndpoint? From { get; init; }
}

/// <summary>Shares offered in one call, in the order in which they were seen.</summary>
/// <param name="Gateway">Name of the gateway that offers them.</param>
/// <param name="Shares">At most <see cref="MaxShares"/>, and of <see cref="MaxBytes"/> together unless a single one is longer.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ShareBatch")]
public sealed record ShareBatch([property: Id(0)] string Gateway, [property: Id(1)] ImmutableArray<OfferedShare> Shares)
{
    /// <summary>Bounds the time one call keeps the chain from others.</summary>
    public const int MaxShares = 50;

    /// <summary>Keeps a call far below what a message between processes may hold.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;
}

/// <summary>What became of an offered share.</summary>
public enum ShareOutcome
{
    /// <summary>In the chain and verified.</summary>
    Accepted,

    /// <summary>It was there before; as good as accepted.</summary>
    AlreadyKnown,

    /// <summary>
    /// Kept, but not verified yet: ancestors are missing, or so much came at once that its turn is later. Whoever offers it again hears what became of it.
    /// </summary>
    Unconnected,

    /// <summary>Against the rules; it will never be taken.</summary>
    Refused,
}

/// <summary>The answer for one share.</summary>
/// <param name="Hash">The share; zero when its bytes could not even be parsed.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Sequence">Place in this epoch's order of storing; 0 when it was stored before the epoch began, was refused, or is too long to be stored.</param>
/// <param name="Reason">Why it was refused, for people; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("grainpool.ShareVerdict")]
public sealed record ShareVerdict(
    [property: Id(0)] Hash256 Hash,
    [property: Id(1)] ShareOutcome Outcome,
    [property: Id(2)] long Sequence,
    [property: Id(3)] string? Reason);

/// <summary>The answer to <see cref="IShareChainGrain.Add"/>: accepted is in memory, durable is stored.</summary>
/// <param name="Epoch">Names this activation of the chain; larger than every one before.</param>
/// <param name="DurableThrough">Every share with a sequence up to this one, in this epoch, is stored for good.</param>
/// <param name="Verdicts">One per share, in the order offered.</param>
[GenerateSerializer, Immutable, Alias("grainpool.AddSharesAnswer")]
public sealed record AddSharesAnswer(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long DurableThrough,
    [property: Id(2)] ImmutableArray<ShareVerdict> Verdicts)
{
    /// <summary>Nodes found to have sent shares against the rules, in this call or an earlier one.</summary>
    [Id(3)]
    public ImmutableArray<PeerEndpoint> BadOrigins { get; init; } = [];

    /// <summary>Whether there are shares to be asked for.</summary>
    [Id(4)]
    public bool WantsShares { get; init; }
}
