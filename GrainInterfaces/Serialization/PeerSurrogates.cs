using Grainpool.P2Pool.Peers;

namespace Grainpool.GrainInterfaces.Serialization;

/// <summary>Fields of <see cref="PeerEndpoint"/>.</summary>
[GenerateSerializer, Alias("p2pool.PeerEndpoint")]
public struct PeerEndpointSurrogate
{
    /// <inheritdoc cref="PeerEndpoint.Host"/>
    [Id(0)] public string Host;

    /// <inheritdoc cref="PeerEndpoint.Port"/>
    [Id(1)] public int Port;
}

/// <summary>Converts <see cref="PeerEndpoint"/>.</summary>
[RegisterConverter]
public sealed class PeerEndpointConverter : IConverter<PeerEndpoint, PeerEndpointSurrogate>
{
    /// <inheritdoc/>
    public PeerEndpoint ConvertFromSurrogate(in PeerEndpointSurrogate surrogate) => new(surrogate.Host, surrogate.Port);

    /// <inheritdoc/>
    public PeerEndpointSurrogate ConvertToSurrogate(in PeerEndpoint value) => new() { Host = value.Host, Port = value.Port };
}
