using Grainpool.P2Pool.Primitives;

namespace Grainpool.Daemon;

/// <summary>What a daemon knows of a block (<c>getblockheader</c>).</summary>
/// <param name="Hash">Its name.</param>
/// <param name="Height">Its height.</param>
/// <param name="Confirmations">1 for the tip, −1 when it is not in the active chain.</param>
/// <param name="Time">Header time, Unix seconds.</param>
/// <param name="MedianTime">Median of it and the ten before, Unix seconds.</param>
/// <param name="Bits">Its target.</param>
/// <param name="PreviousBlock">The block before; null for the first.</param>
/// <param name="NextBlock">The one after in the active chain; null for the tip.</param>
public sealed record BlockPlace(
    Hash256 Hash, int Height, int Confirmations, uint Time, uint MedianTime, CompactTarget Bits, Hash256? PreviousBlock, Hash256? NextBlock)
{
    /// <summary>Whether the block is part of the chain that daemon follows.</summary>
    public bool IsInActiveChain => Confirmations > 0;
}
