using System.Collections.Immutable;
using Grainpool.GrainInterfaces.Templates;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Grains.Blocks;

/// <summary>Reads from a block whom it pays.</summary>
internal static class CoinbasePayouts
{
    /// <summary>Outputs of the coinbase that pay somebody, in their order.</summary>
    /// <exception cref="WireFormatException">The bytes do not make a block.</exception>
    /// <exception cref="ArgumentException">The block has no coinbase, or another hash than it should.</exception>
    public static ImmutableArray<BlockPayout> Of(FoundBlock found, NetworkParameters network)
    {
        var block = Block.Parse(found.Bytes.AsSpan());
        if (block.Header.Hash() != found.Hash) throw new ArgumentException($"the bytes of block {found.Hash} are those of {block.Header.Hash()}", nameof(found));
        if (block.Transactions.IsEmpty) throw new ArgumentException($"block {found.Hash} has no coinbase", nameof(found));
        return
        [
            .. block.Transactions[0].Outputs
                .Where(output => output.Value > 0)
                .Select(output => new BlockPayout(
                    ScriptAddress.Of(output.Script.AsSpan(), network) ?? Convert.ToHexStringLower(output.Script.AsSpan()), output.Value)),
        ];
    }
}
