using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>What a network demands of a coin daemon before its templates are used (spec: work 6.1).</summary>
/// <param name="Chain"><c>main</c>, <c>test</c> or <c>regtest</c>; null when any will do.</param>
/// <param name="Genesis">First block of the chain; null when any will do.</param>
/// <param name="SoftForks">Rules the daemon must know.</param>
public sealed record DaemonRequirements(string? Chain, Hash256? Genesis, ImmutableArray<string> SoftForks)
{
    /// <summary>The rules in force on Vertcoin today.</summary>
    public static ImmutableArray<string> VertcoinSoftForks { get; } = ["bip34", "bip65", "bip66", "csv", "segwit", "taproot"];

    /// <summary>Vertcoin's main chain.</summary>
    public static DaemonRequirements VertcoinMain { get; } = new(
        "main", Hash256.Parse("4d96a915f49d40b1e5c2844d1ee2dccb90013a990ccea12c492d22110489f0c4"), VertcoinSoftForks);

    /// <summary>A local test chain with all rules in force.</summary>
    public static DaemonRequirements Regtest { get; } = new("regtest", null, VertcoinSoftForks);
}
