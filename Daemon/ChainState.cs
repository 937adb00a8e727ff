using System.Collections.Immutable;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>Where a daemon's chain stands (<c>getblockchaininfo</c>).</summary>
/// <param name="Chain"><c>main</c>, <c>test</c> or <c>regtest</c>.</param>
/// <param name="Blocks">Height of the tip.</param>
/// <param name="Headers">Height of the best header; more than <paramref name="Blocks"/> while catching up.</param>
/// <param name="BestBlock">The tip.</param>
/// <param name="IsInitialDownload">Whether it is still fetching the chain, and so hands out no templates.</param>
/// <param name="Warnings">The daemon's own warnings; often empty.</param>
/// <param name="SoftForks">Names of rules, as daemons before 23 list them here; empty with later ones.</param>
public sealed record ChainState(
    string Chain, int Blocks, int Headers, Hash256 BestBlock, bool IsInitialDownload, string Warnings, ImmutableArray<string> SoftForks);
