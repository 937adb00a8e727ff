namespace Grainpool.Daemon;

/// <summary>How hard the coin is to mine (<c>getmininginfo</c>).</summary>
/// <param name="Blocks">Height of the tip.</param>
/// <param name="Difficulty">Of the next block, bitcoin scale.</param>
/// <param name="NetworkHashesPerSecond">The daemon's estimate over the last blocks.</param>
/// <param name="PooledTransactions">Transactions waiting.</param>
public sealed record MiningState(int Blocks, double Difficulty, double NetworkHashesPerSecond, int PooledTransactions);
