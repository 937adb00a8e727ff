using System.Collections.Immutable;

namespace Grainpool.Devnet.Chain;

/// <summary>An output that can be spent.</summary>
/// <param name="Value">Satoshi.</param>
/// <param name="Script">Who may spend it; here everybody may, for scripts are not judged.</param>
/// <param name="Height">Height of the block that made it.</param>
/// <param name="IsCoinbase">Whether a coinbase made it, so that it must ripen.</param>
public sealed record Coin(long Value, ImmutableArray<byte> Script, int Height, bool IsCoinbase);
