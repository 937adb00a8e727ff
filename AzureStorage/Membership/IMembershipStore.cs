
namespace Grainpool.Orleans.AzureStorage.Membership;

/// <summary>Where the rows of one cluster lie. Knows conditions and atomic writes, nothing of what the rows mean.</summary>
internal interface IMembershipStore
{
    /// <summary>What it is and where, for log lines.</summary>
    string Place { get; }

    /// <summary>How to get an unreachable store back, for log lines.</summary>
    string Remedy { get; }

    /// <summary>Makes the table or file when missing; throws while the store cannot be reached.</summary>
    Task Prepare(CancellationToken cancellationToken);

    /// <summary>Reads everything in one snapshot; <see cref="StoredMembership.Nothing"/> when the table or file is gone.</summary>
    Task<StoredMembership> Read(CancellationToken cancellationToken);

    /// <summary>Applies a change whole; <see langword="false"/> when a condition does not hold, and then nothing was written.</summary>
    Task<bool> TryWrite(MembershipChange change, CancellationToken cancellationToken);

    /// <summary>Notes that a silo lives, leaving the version alone; <see langword="false"/> when there is no such row.</summary>
    Task<bool> TryTouch(SiloAddress silo, DateTime aliveAt, CancellationToken cancellationToken);

    /// <summary>Removes all rows of the cluster.</summary>
    Task Clear(CancellationToken cancellationToken);
}
