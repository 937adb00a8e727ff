using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;

namespace Grainpool.Devnet;

/// <summary>A block was handed in and judged.</summary>
/// <param name="Block">The block as it came.</param>
/// <param name="Verdict">What the daemon answered.</param>
/// <param name="Height">Height of the tip afterwards.</param>
/// <param name="Waiting">Transactions that wait afterwards.</param>
public sealed record BlockSubmitted(Block Block, BlockVerdict Verdict, int Height, int Waiting);
