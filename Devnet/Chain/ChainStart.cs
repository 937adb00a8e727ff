using System.Collections.Immutable;
using System.Text;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>What a chain begins with: a first block, taken on trust, and coins that are there already.</summary>
/// <param name="Hash">Name of the first block.</param>
/// <param name="Block">The first block.</param>
/// <param name="Height">Its height: 0 but for a chain that goes on from a recorded one.</param>
/// <param name="ChainWork">Work up to it.</param>
/// <param name="EarlierTimes">Times of the ten blocks before it, for a recorded one.</param>
/// <param name="Coins">What can be spent.</param>
public sealed record ChainStart(
    Hash256 Hash, Block Block, int Height, UInt256 ChainWork, ImmutableArray<uint> EarlierTimes, ImmutableDictionary<OutPoint, Coin> Coins)
{
    /// <summary>A chain of its own, named after its rules, so that chains with other rules never mix.</summary>
    public static ChainStart Genesis(CoinRules rules, ImmutableDictionary<OutPoint, Coin> coins)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var text = Encoding.ASCII.GetBytes($"Grainpool devnet, halving {rules.HalvingInterval}, {rules.Difficulty}");
        // The text goes into an output nobody can spend, for a coinbase script holds only 100 bytes.
        var coinbase = new Transaction(
            1,
            [new TransactionInput(OutPoint.None, [.. BlockChecks.HeightPush(0), 0], uint.MaxValue, [])],
            [new TransactionOutput(0, [0x6a, 0x4c, (byte)text.Length, .. text])],
            0);
        var bits = rules.Difficulty is FixedDifficulty fixedDifficulty ? fixedDifficulty.Bits : ((RetargetingDifficulty)rules.Difficulty).Start;
        var header = new BlockHeader(1, Hash256.Zero, coinbase.Id(), 1_700_000_000, bits, 0);
        return new ChainStart(header.Hash(), new Block(header, [coinbase]), 0, bits.AverageAttempts, [], coins);
    }
}
