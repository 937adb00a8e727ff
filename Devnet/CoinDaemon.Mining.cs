using System.Collections.Immutable;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet;

// Blocks that the daemon finds by itself, as other miners of the coin would.
public sealed partial class CoinDaemon
{
    /// <summary>Finds the next block with all waiting transactions, its coinbase paying everything to one script, and makes it the tip.</summary>
    /// <param name="script">Who is paid.</param>
    /// <exception cref="InvalidOperationException">The block was refused, for instance because another came first.</exception>
    public Block MineBlock(ImmutableArray<byte> script)
    {
        BlockNode tip;
        List<Transaction> transactions;
        long value;
        CompactTarget bits;
        lock (_lock)
        {
            tip = _chain.Tip;
            var chosen = _pool.Choose();
            transactions = [.. chosen.Select(waiting => waiting.Transaction)];
            value = _chain.Rules.Subsidy(tip.Height + 1) + chosen.Sum(waiting => waiting.Fee);
            bits = _chain.Rules.Difficulty.After(tip);
        }
        var coinbase = new Transaction(
            1,
            [new TransactionInput(OutPoint.None, [.. BlockChecks.HeightPush(tip.Height + 1), 0], uint.MaxValue, [[.. new byte[Hash256.Size]]])],
            [new TransactionOutput((ulong)value, script), new TransactionOutput(0, WitnessCommitment.Script(transactions))],
            0);
        Hash256[] ids = [coinbase.Id(), .. transactions.Select(transaction => transaction.Id())];
        var time = (uint)Math.Max(tip.MedianTime + 1, _time.GetUtcNow().ToUnixTimeSeconds());
        var header = new BlockHeader(0x20000000, tip.Hash, Merkle.Root(ids), time, bits, 0);
        while (BlockChecks.ProofOfWork(header, _options.Rules, _proofOfWork) is not null) header = header with { Nonce = checked(header.Nonce + 1) };

        var block = new Block(header, [coinbase, .. transactions]);
        var verdict = Submit(Convert.ToHexString(block.ToBytes()));
        return verdict.Reason is null ? block : throw new InvalidOperationException($"the block was refused: {verdict.Reason}");
    }
}
