using System.Collections.Immutable;
using Grainpool.Daemon;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>Block templates of the simulated coin.</summary>
internal static class SimulatedTemplate
{
    public static BlockTemplate Of(uint height, uint time = 1_790_000_000, params ImmutableArray<TemplateTransaction> transactions) => new(
        Height: height,
        PreviousBlock: BlockAt(height - 1),
        Version: 0x20000000,
        Bits: new CompactTarget(0x1d00ffff),
        CurrentTime: time,
        MinimumTime: time - 600,
        CoinbaseValue: 25_00000000,
        Transactions: transactions,
        Rules: ["csv", "!segwit", "taproot"],
        CoinbaseFlags: [],
        LongPollId: null,
        WeightLimit: 4_000_000,
        SigOpLimit: 80_000);

    public static Hash256 BlockAt(uint height) => Hash256.FromNumber(1_000_000 + height);

    public static TemplateTransaction Transaction(byte number) =>
        new([number, 1, 2, 3], Hash256.FromNumber(number), Hash256.FromNumber(number), 1000, 400, 1);
}
