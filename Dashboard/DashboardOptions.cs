using Grainpool.P2Pool.Networks;

namespace Grainpool.Dashboard;

/// <summary>What the pages have to be told once.</summary>
/// <param name="Network">Network whose pool is shown.</param>
/// <param name="Version">Version of this software, as shown to people and scanners.</param>
public sealed record DashboardOptions(NetworkParameters Network, string Version);
