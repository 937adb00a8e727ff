using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Chain;

/// <summary>The coinbase output by which a block commits to its witnesses.</summary>
internal static class WitnessCommitment
{
    private const int Length = 38;
    private static ReadOnlySpan<byte> Prefix => [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

    /// <summary>Which output of the coinbase it is: the last that looks like one; −1 for none.</summary>
    public static int IndexIn(Transaction coinbase)
    {
        for (var i = coinbase.Outputs.Length - 1; i >= 0; i--)
        {
            var script = coinbase.Outputs[i].Script;
            if (script.Length >= Length && script.AsSpan()[..Prefix.Length].SequenceEqual(Prefix)) return i;
        }
        return -1;
    }

    /// <summary>The hash that stands in a commitment output.</summary>
    public static Hash256 Read(TransactionOutput output) => Hash256.FromBytes(output.Script.AsSpan().Slice(Prefix.Length, Hash256.Size));

    /// <summary>The hash that belongs there.</summary>
    public static Hash256 Of(IEnumerable<Transaction> withoutCoinbase, ReadOnlySpan<byte> reserved)
    {
        Hash256[] leaves = [Hash256.Zero, .. withoutCoinbase.Select(transaction => transaction.WitnessId())];
        return Sha256.Node(Merkle.Root(leaves), Hash256.FromBytes(reserved));
    }

    /// <summary>The output script for a reserved value of zero.</summary>
    public static ImmutableArray<byte> Script(IEnumerable<Transaction> withoutCoinbase) =>
        [.. Prefix, .. Of(withoutCoinbase, new byte[Hash256.Size]).ToBytes()];

    /// <summary>The block with a witness of 32 zero bytes in its coinbase, if it commits and has none: what <c>submitblock</c> adds by itself.</summary>
    public static Block WithDefaultReserved(Block block)
    {
        var coinbase = block.Transactions[0];
        if (IndexIn(coinbase) < 0 || coinbase.HasWitness) return block;
        var input = coinbase.Inputs[0] with { Witness = [[.. new byte[Hash256.Size]]] };
        return block with { Transactions = block.Transactions.SetItem(0, coinbase with { Inputs = [input] }) };
    }
}
