using System.Collections.Immutable;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet.Chain;

/// <summary>The rules for one block, in the daemon's order; the first one broken is the one it names.</summary>
internal static class BlockChecks
{
    private const int LeastVersion = 0x20000000;

    /// <summary>Proof of work by the target the header itself names.</summary>
    public static BlockRefusal? ProofOfWork(BlockHeader header, CoinRules rules, ProofOfWork proofOfWork)
    {
        var (bits, target) = (header.Bits.Bits, header.Bits.ToTarget());
        var negative = (bits & 0x800000) != 0 && (bits & 0x7fffff) != 0;
        var overflows = (bits & 0x7fffff) != 0 && bits >> 24 is var size && (size > 34 || (size > 33 && (bits & 0x7fff00) != 0) || (size > 32 && (bits & 0x7f0000) != 0));
        if (negative || overflows || target.IsZero || target > rules.EasiestTarget) return new("high-hash");
        Span<byte> hash = stackalloc byte[Hash256.Size];
        proofOfWork(header.ToBytes(), hash);
        return UInt256.FromLittleEndian(hash) > target ? new("high-hash") : null;
    }

    /// <summary>Everything that can be judged from the block alone, but for its proof of work.</summary>
    public static BlockRefusal? Content(Block block, bool checkMerkleRoot = true)
    {
        var transactions = block.Transactions;
        if (checkMerkleRoot)
        {
            var (root, mutated) = MerkleRoot(transactions);
            if (root != block.Header.MerkleRoot) return new("bad-txnmrklroot", IsMutation: true);
            if (mutated) return new("bad-txns-duplicate", IsMutation: true);
        }
        if (transactions.IsEmpty || StrippedSize(transactions) * 4 > CoinRules.MaxWeight) return new("bad-blk-length");
        if (!transactions[0].IsCoinbase()) return new("bad-cb-missing");
        if (transactions.Skip(1).Any(transaction => transaction.IsCoinbase())) return new("bad-cb-multiple");
        if (transactions.Select(transaction => transaction.Fault()).FirstOrDefault(fault => fault is not null) is { } fault) return new(fault);
        return transactions.Sum(transaction => (long)transaction.LegacySigOpCost()) > CoinRules.MaxSigOpCost ? new("bad-blk-sigops") : null;
    }

    /// <summary>What a header must be after a certain block.</summary>
    public static BlockRefusal? HeaderInContext(BlockHeader header, BlockNode previous, CoinRules rules, DateTimeOffset now)
    {
        if (header.Bits != rules.Difficulty.After(previous)) return new("bad-diffbits");
        if (header.Timestamp <= previous.MedianTime) return new("time-too-old");
        if (header.Timestamp > (now + CoinRules.MaxTimeAhead).ToUnixTimeSeconds()) return new("time-too-new");
        return unchecked((int)header.Version) < LeastVersion ? new($"bad-version(0x{header.Version:x8})") : null;
    }

    /// <summary>What a block's content must be after a certain block.</summary>
    public static BlockRefusal? ContentInContext(Block block, BlockNode previous)
    {
        var height = previous.Height + 1;
        var transactions = block.Transactions;
        if (!transactions.All(transaction => transaction.IsFinal(height, previous.MedianTime))) return new("bad-txns-nonfinal");
        if (!transactions[0].Inputs[0].Script.AsSpan().StartsWith(HeightPush(height))) return new("bad-cb-height");
        return Witness(transactions) ?? (80 * 4 + transactions.Sum(transaction => (long)transaction.Weight()) > CoinRules.MaxWeight ? new("bad-blk-weight") : null);
    }

    /// <summary>A height as a coinbase script must begin with it.</summary>
    public static byte[] HeightPush(int height)
    {
        if (height == 0) return [0];
        if (height <= 16) return [(byte)(0x50 + height)];
        List<byte> digits = [];
        for (var rest = height; rest > 0; rest >>= 8) digits.Add((byte)rest);
        if ((digits[^1] & 0x80) != 0) digits.Add(0);
        return [(byte)digits.Count, .. digits];
    }

    private static BlockRefusal? Witness(ImmutableArray<Transaction> transactions)
    {
        var coinbase = transactions[0];
        var commitment = WitnessCommitment.IndexIn(coinbase);
        if (commitment < 0) return transactions.Any(transaction => transaction.HasWitness) ? new("unexpected-witness", IsMutation: true) : null;
        var stack = coinbase.Inputs[0].Witness;
        if (stack.Length != 1 || stack[0].Length != Hash256.Size) return new("bad-witness-nonce-size", IsMutation: true);
        return WitnessCommitment.Of(transactions.Skip(1), stack[0].AsSpan()) == WitnessCommitment.Read(coinbase.Outputs[commitment])
            ? null
            : new("bad-witness-merkle-match", IsMutation: true);
    }

    // Two equal neighbours on any level give the same root as one of them alone: such a list is not the one that was meant.
    private static (Hash256 Root, bool Mutated) MerkleRoot(ImmutableArray<Transaction> transactions)
    {
        if (transactions.IsEmpty) return (Hash256.Zero, false);
        var level = transactions.Select(transaction => transaction.Id()).ToList();
        var mutated = false;
        while (level.Count > 1)
        {
            for (var i = 0; i + 1 < level.Count; i += 2) mutated |= level[i] == level[i + 1];
            if (level.Count % 2 != 0) level.Add(level[^1]);
            level = [.. Enumerable.Range(0, level.Count / 2).Select(i => Sha256.Node(level[2 * i], level[2 * i + 1]))];
        }
        return (level[0], mutated);
    }

    private static long StrippedSize(ImmutableArray<Transaction> transactions) =>
        BlockHeader.Size + 9 + transactions.Sum(transaction => (long)transaction.ToBytes(witness: false).Length);
}
