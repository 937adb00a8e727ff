using System.Globalization;
using Grainpool.GrainInterfaces.Chain;

namespace Grainpool.Dashboard;

/// <summary>What whoever runs a node should do something about, as the chain shows it.</summary>
internal static class PoolWarnings
{
    /// <summary>The warnings, in sentences without a stop; none is the usual thing.</summary>
    public static IEnumerable<string> Of(ChainSnapshot chain)
    {
        if (chain.UnknownVersion is { } version)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Update Grainpool: more than half of the pool's work votes for share version {version}, which this version does not know");
    }
}
