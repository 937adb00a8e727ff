namespace Grainpool.Gateway.Silos;

/// <summary>Who this process is to the cluster.</summary>
/// <param name="Name">Unique in the cluster: machine and port for miners.</param>
/// <param name="Incarnation">Differs at every start.</param>
/// <param name="StartedAt">By our own clock.</param>
internal sealed record GatewayIdentity(string Name, Guid Incarnation, DateTimeOffset StartedAt);
