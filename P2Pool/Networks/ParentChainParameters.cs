using System.Collections.Immutable;

namespace Grainpool.P2Pool.Networks;

/// <summary>What a node must know of the coin: Vertcoin, or a test chain of it.</summary>
public sealed record ParentChainParameters
{
    /// <summary>Ticker symbol.</summary>
    public required string Symbol { get; init; }

    /// <summary>Version byte of base58 addresses paid to a key hash.</summary>
    public required byte PublicKeyHashVersion { get; init; }

    /// <summary>Version byte of base58 addresses paid to a script hash.</summary>
    public required byte ScriptHashVersion { get; init; }

    /// <summary>Prefix of bech32 addresses.</summary>
    public required string Bech32Prefix { get; init; }

    /// <summary>Time between two blocks.</summary>
    public required TimeSpan BlockPeriod { get; init; }

    /// <summary>Blocks between two halvings of the subsidy.</summary>
    public required int HalvingInterval { get; init; }

    /// <summary>Names of the rules a template may be built on; an unknown one means no work is handed out.</summary>
    public required ImmutableHashSet<string> KnownRules { get; init; }

    /// <summary>Factor between the difficulty of a target and the number told to miners.</summary>
    public required int MinerDifficultyFactor { get; init; }
}
