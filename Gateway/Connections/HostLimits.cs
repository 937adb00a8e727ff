namespace Grainpool.Gateway.Connections;

/// <summary>What one host may do.</summary>
/// <param name="Connections">Connections at one time.</param>
/// <param name="Ban">How long a ban lasts.</param>
/// <param name="Strikes">So many connections closed for misbehaviour within the time of a ban are the host's own fault, unless others of its connections speak for it.</param>
internal sealed record HostLimits(int Connections, TimeSpan Ban, int Strikes = 5);
