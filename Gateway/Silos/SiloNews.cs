using Grainpool.GrainInterfaces.Gateways;

namespace Grainpool.Gateway.Silos;

/// <summary>Where news of the cluster comes in; whoever wants it listens.</summary>
internal sealed class SiloNews
{
    /// <summary>There is new work.</summary>
    public event Action<WorkAnnouncement>? NewWork;

    /// <summary>Passes news on.</summary>
    public void Tell(WorkAnnouncement work) => NewWork?.Invoke(work);
}
