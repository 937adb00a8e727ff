using Grainpool.Daemon;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Grains;

/// <summary>What all grains of a node have in common.</summary>
/// <param name="Network">The network this cluster serves; its name is the key of the grains.</param>
/// <param name="Solo">Whether a chain may be begun without a peer on a network that has public nodes.</param>
/// <param name="Requirements">What is demanded of coin daemons.</param>
public sealed record NodeSettings(NetworkParameters Network, bool Solo, DaemonRequirements Requirements)
{
    internal void Check(string network)
    {
        if (network != Network.Name)
            throw new ArgumentException($"this cluster serves the network {Network.Name}, not {network}: give silos and gateways the same pool.network", nameof(network));
    }
}
