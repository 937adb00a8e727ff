using Grainpool.P2Pool.Rules;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Chain;

/// <summary>What a share was judged to be.</summary>
/// <param name="Share">The share.</param>
/// <param name="Refusal">The rule it breaks; null when it is verified.</param>
public sealed record SettledShare(KnownShare Share, ShareRefusal? Refusal);
