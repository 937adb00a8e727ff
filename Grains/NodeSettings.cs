using Grainpool.Daemon;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Grains;

/// <summary>What all grains of a node have in common.</summary>
/// <param name="Network">The network this cluster serves; its name is the key of the grains.</param>
/// <param name="Solo">Whether a chain may be begun without a peer on a network that has public nodes.</param>
/// <param name="Requirements">What is demanded of coin daemons.</param>
public sealed record NodeSettings(NetworkParameters Network, bool Solo, DaemonRequirements Requirements)
{
    /// <summary>
    /// On a network that needs no peers: how long work waits for the chain of other nodes all the same. Zero: it does not wait.
    /// A network that needs them waits for as long as it takes.
    /// </summary>
    public TimeSpan SyncTimeout { get; init; }

    /// <summary>Whether the network's own well-known nodes are among those to go to.</summary>
    public bool SeedNodes { get; init; } = true;

    internal void Check(string network)
    {
        if (network != Network.Name)
            throw new ArgumentException($"this cluster serves the network {Network.Name}, not {network}: give silos and gateways the same pool.network", nameof(network));
    }
}
