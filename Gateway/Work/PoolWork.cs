using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Gateways;
using Grainpool.P2Pool.Work;

namespace Grainpool.Gateway.Work;

/// <summary>Work that jobs can be made of: what a silo announced, with everything that its jobs share.</summary>
/// <param name="Announcement">As it came.</param>
/// <param name="Builder">Makes the drafts; holds the payout plan.</param>
/// <param name="Transactions">Bodies of the template's transactions, for a block.</param>
internal sealed record PoolWork(WorkAnnouncement Announcement, ShareBuilder Builder, ImmutableArray<ImmutableArray<byte>> Transactions)
{
    /// <summary>The work base.</summary>
    public WorkBase Base => Announcement.Work;

    /// <summary>Whether a solution of the other's jobs still counts once this is the current work: same block to build on, same share to build on.</summary>
    /// <remarks>Judged by the work itself, not by what was announced, since an announcement may have been missed.</remarks>
    public bool Continues(PoolWork other) => other.Base.PreviousShare == Base.PreviousShare && SameBlock(other);

    /// <summary>Whether both are for the same block to build on.</summary>
    public bool SameBlock(PoolWork other) => other.Base.Template.PreviousBlock == Base.Template.PreviousBlock;
}
