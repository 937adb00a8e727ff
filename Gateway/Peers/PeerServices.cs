using Grainpool.Gateway.Hashing;
using Grainpool.Gateway.Recording;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Gateway.Peers;

/// <summary>What every connection with another node uses.</summary>
internal sealed record PeerServices(
    PeerSettings Settings,
    NetworkParameters Network,
    PeerHub Hub,
    IPeerLink Link,
    BatchingHasher Hashes,
    ShareIntake Intake,
    PeerGossip Gossip,
    PeerReports Reports,
    WireRecorder Recorder,
    TimeProvider Time)
{
    /// <summary>Places for large payloads that are being received.</summary>
    public SemaphoreSlim LargePayloads { get; } = new(Settings.LargePayloads);
}
