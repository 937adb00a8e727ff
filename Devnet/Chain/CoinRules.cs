using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>The coin's rules as far as this chain judges them. The defaults are those of <c>vertcoind -regtest</c> (spec: networks 8.3).</summary>
public sealed record CoinRules
{
    /// <summary>Most satoshi there may ever be.</summary>
    public const long MaxMoney = 84_000_000L * 100_000_000L;

    /// <summary>Most weight of a block.</summary>
    public const int MaxWeight = 4_000_000;

    /// <summary>Most signature operations of a block, scaled by four as segwit counts them.</summary>
    public const int MaxSigOpCost = 80_000;

    /// <summary>Blocks a coinbase ripens before it can be spent.</summary>
    public const int CoinbaseMaturity = 100;

    /// <summary>How far a header's time may be ahead of the clock.</summary>
    public static readonly TimeSpan MaxTimeAhead = TimeSpan.FromHours(2);

    /// <summary>Blocks between two halvings of the subsidy of 50 coins.</summary>
    public int HalvingInterval { get; init; } = 150;

    /// <summary>How the target of the next block is found.</summary>
    public DifficultyRule Difficulty { get; init; } = new FixedDifficulty(FixedDifficulty.Regtest);

    /// <summary>The easiest target there may be.</summary>
    public UInt256 EasiestTarget { get; init; } = FixedDifficulty.Regtest.ToTarget();

    /// <summary>New coins of a block, satoshi.</summary>
    public long Subsidy(int height)
    {
        var halvings = height / HalvingInterval;
        return halvings >= 64 ? 0 : 50_0000_0000L >> halvings;
    }
}
