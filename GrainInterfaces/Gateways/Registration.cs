using Grainpool.P2Pool.Work;
using Orleans.Concurrency;

namespace Grainpool.GrainInterfaces.Gateways;

/// <summary>How news reaches a gateway. One per gateway process; at most once, so never the only way.</summary>
[Alias("grainpool.GatewayObserver")]
public interface IGatewayObserver : IGrainObserver
{
    /// <summary>There is new work.</summary>
    [OneWay]
    [Alias("new-work")]
    Task NewWork(WorkAnnouncement work);
}

/// <summary>A gateway says that it is alive, and what it has.</summary>
/// <param name="Gateway">Its name, unique in the cluster.</param>
/// <param name="Incarnation">Differs at every start of the process.</param>
/// <param name="Observer">Where news goes.</param>
/// <param name="KnownEpoch">Epoch of the work it has; 0 for none.</param>
/// <param name="KnownSequence">Sequence of the work it has; 0 for none.</param>
/// <param name="Connections">Miners connected.</param>
[GenerateSerializer, Immutable, Alias("grainpool.GatewayRenewal")]
public sealed record GatewayRenewal(
    [property: Id(0)] string Gateway,
    [property: Id(1)] Guid Incarnation,
    [property: Id(2)] IGatewayObserver Observer,
    [property: Id(3)] long KnownEpoch,
    [property: Id(4)] long KnownSequence,
    [property: Id(5)] int Connections);

/// <summary>The answer to a renewal.</summary>
/// <param name="Epoch">Activation of the chain that answered.</param>
/// <param name="DurableThrough">Every share with a sequence up to this one, in this epoch, is stored for good.</param>
/// <param name="Work">The current work; null when the gateway has it, or when there is none.</param>
/// <param name="NoWorkReason">Why there is none, for people; null otherwise.</param>
/// <param name="SiloTime">The silo's clock.</param>
[GenerateSerializer, Immutable, Alias("grainpool.GatewayAnswer")]
public sealed record GatewayAnswer(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long DurableThrough,
    [property: Id(2)] WorkAnnouncement? Work,
    [property: Id(3)] string? NoWorkReason,
    [property: Id(4)] DateTimeOffset SiloTime);

/// <summary>Work for miners, placed in order: a larger (epoch, sequence) replaces a smaller one.</summary>
/// <param name="Epoch">Activation of the chain that made it.</param>
/// <param name="Sequence">Order within the epoch, from 1.</param>
/// <param name="Clean">Whether previous block or best share changed, so that older jobs are worth nothing.</param>
/// <param name="Work">What all jobs have in common.</param>
/// <param name="SiloTime">The silo's clock when it was made.</param>
[GenerateSerializer, Immutable, Alias("grainpool.WorkAnnouncement")]
public sealed record WorkAnnouncement(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long Sequence,
    [property: Id(2)] bool Clean,
    [property: Id(3)] WorkBase Work,
    [property: Id(4)] DateTimeOffset SiloTime);
