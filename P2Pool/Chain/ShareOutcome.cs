using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Rules;

namespace Grainpool.P2Pool.Chain;

/// <summary>What became of one share offered.</summary>
/// <param name="Hash">The share.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Refusal">The rule it breaks, when it was refused.</param>
/// <param name="ParentMissing">Whether it names a parent that is not held.</param>
public sealed record ShareOutcome(Hash256 Hash, ShareVerdict Verdict, ShareRefusal? Refusal, bool ParentMissing);
