namespace Grainpool.Daemon;

/// <summary>Who a daemon is (<c>getnetworkinfo</c>).</summary>
/// <param name="Version">Such as 230200.</param>
/// <param name="SubVersion">Such as <c>/Satoshi:23.2.0/</c>.</param>
/// <param name="Connections">Peers it has.</param>
public sealed record NetworkState(int Version, string SubVersion, int Connections);
