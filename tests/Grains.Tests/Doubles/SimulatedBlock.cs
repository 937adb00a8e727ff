using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Tests.Doubles;

/// <summary>A block of the simulated coin, as a gateway reports it.</summary>
internal static class SimulatedBlock
{
    public static FoundBlock Found(uint height, uint nonce = 1)
    {
        var block = new Block(
            new BlockHeader(0x20000000, SimulatedTemplate.BlockAt(height - 1), Hash256.Zero, 1_790_000_000, new CompactTarget(0x207fffff), nonce),
            [
                new Transaction(
                    1,
                    [new TransactionInput(OutPoint.None, [3, 1, 2, 3], uint.MaxValue, [])],
                    [
                        new TransactionOutput(0, [0x6a, 1, 2]),
                        new TransactionOutput(20_00000000, OutputScript.Of(TestGateway.Miner, KnownNetworks.Devnet.Parent)!.Value),
                        new TransactionOutput(3, KnownNetworks.Devnet.DonationScript),
                        new TransactionOutput(5, [0x51]),
                    ],
                    0),
            ]);
        return new FoundBlock(block.Header.Hash(), [.. block.ToBytes()], height, TestGateway.Miner, DateTimeOffset.UtcNow);
    }

    /// <summary>Whom it pays.</summary>
    public static ImmutableArray<BlockPayout> Payouts =>
        [new(TestGateway.Miner, 20_00000000), new(KnownNetworks.Devnet.DonationAddress, 3), new("51", 5)];
}
