using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Chain;

/// <summary>The block that our own work is to make.</summary>
/// <param name="Previous">The block it builds on.</param>
/// <param name="Bits">Its target.</param>
public sealed record CurrentBlock(Hash256 Previous, CompactTarget Bits);
