using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Grainpool.EndToEnd.Payouts;

/// <summary>
/// What the coinbase of a block must pay, worked out a second time from nothing but share bytes: slowly, with unbounded numbers, and
/// without a line of the program under test. Written from the rules of share version 35.
/// </summary>
/// <param name="chainLength">The most shares a window reaches back, plus one.</param>
/// <param name="spreadBlocks">Blocks of work a window holds at most.</param>
/// <param name="donationAddress">Address text that stands for the donation.</param>
internal sealed class ObviousPayouts(int chainLength, int spreadBlocks, string donationAddress)
{
    /// <summary>A share cut up just far enough.</summary>
    internal sealed record Cut(
        string Hash, string Previous, string Address, ulong Subsidy, ushort Donation, uint HeaderBits, uint Bits);

    /// <summary>Amount by address, the donation's included even when it is 0.</summary>
    /// <param name="block">The share that is the block.</param>
    /// <param name="byHash">All its ancestors that may be in the window.</param>
    public Dictionary<string, BigInteger> Of(Cut block, IReadOnlyDictionary<string, Cut> byHash)
    {
        var ancestors = new List<Cut>();
        for (var at = block.Previous; byHash.TryGetValue(at, out var share); at = share.Previous) ancestors.Add(share);

        // The parent itself is not in the window.
        var most = Math.Max(0, Math.Min(ancestors.Count, chainLength) - 1);
        var cap = spreadBlocks * Attempts(block.HeaderBits);
        var sum = BigInteger.Zero;
        var weights = new Dictionary<string, BigInteger>();
        foreach (var share in ancestors.Skip(1).Take(most))
        {
            if (sum >= cap) break;
            var work = BigInteger.Min(Attempts(share.Bits), cap - sum);
            weights[share.Address] = weights.GetValueOrDefault(share.Address) + (work * (65535 - share.Donation));
            sum += work;
        }

        var total = 65535 * sum;
        var amounts = new Dictionary<string, BigInteger>();
        foreach (var (address, weight) in weights)
        {
            if (!weight.IsZero) amounts[address] = block.Subsidy * (199 * weight) / (200 * total);
        }
        amounts[block.Address] = amounts.GetValueOrDefault(block.Address) + (block.Subsidy / 200);
        var toOthers = amounts.Where(amount => amount.Key != donationAddress).Aggregate(BigInteger.Zero, (all, amount) => all + amount.Value);
        amounts[donationAddress] = block.Subsidy - toOthers;
        return amounts;
    }

    /// <summary>Reads a share as it is sent between nodes.</summary>
    /// <param name="hash">Its hash in hex, as asked for.</param>
    /// <param name="bytes">Type and contents.</param>
    public static Cut Read(string hash, byte[] bytes)
    {
        var at = 0;
        if (Number() != 35) throw new InvalidDataException("not a share of version 35");
        Number(); // length of the contents
        Number(); // header version
        Take(32); // previous block
        Take(4); // header time
        var headerBits = BitConverter.ToUInt32(Take(4));
        Take(4); // header nonce
        var previous = Hex(Take(32));
        Take((int)Number()); // coinbase script
        Take(4); // nonce
        var address = Encoding.ASCII.GetString(Take((int)Number()));
        var subsidy = BitConverter.ToUInt64(Take(8));
        var donation = BitConverter.ToUInt16(Take(2));
        Take(1); // stale info
        Number(); // vote
        Take(32 * (int)Number()); // branch of transaction ids
        Take(32); // witness root
        Take(32); // far share
        Take(4); // easiest bits
        var bits = BitConverter.ToUInt32(Take(4));
        return new Cut(hash, previous, address, subsidy, donation, headerBits, bits);

        byte[] Take(int count)
        {
            at += count;
            return bytes[(at - count)..at];
        }

        ulong Number() => Take(1)[0] switch
        {
            0xfd => BitConverter.ToUInt16(Take(2)),
            0xfe => BitConverter.ToUInt32(Take(4)),
            0xff => BitConverter.ToUInt64(Take(8)),
            var small => small,
        };
    }

    /// <summary>Outputs of the first transaction of a raw block: amount and script in hex.</summary>
    public static List<(ulong Satoshi, string Script)> CoinbaseOutputs(byte[] block)
    {
        var at = 80 + 1; // header, and a count of transactions below 253
        if (block[80] >= 0xfd) at += 2;
        at += 4; // version
        if (block[at] == 0) at += 2; // witness marker and flag
        at += 1 + 36; // one input, from nowhere
        at += 1 + block[at] + 4; // its script and sequence
        int count = block[at++];
        if (count >= 0xfd)
        {
            count = BitConverter.ToUInt16(block, at);
            at += 2;
        }
        var outputs = new List<(ulong, string)>();
        for (var i = 0; i < count; i++)
        {
            var satoshi = BitConverter.ToUInt64(block, at);
            int length = block[at + 8];
            outputs.Add((satoshi, Convert.ToHexStringLower(block.AsSpan(at + 9, length))));
            at += 9 + length;
        }
        return outputs;
    }

    /// <summary>Hash of a raw block, as people write it.</summary>
    public static string HashOf(byte[] block) => Hex(SHA256.HashData(SHA256.HashData(block.AsSpan(0, 80))));

    private static BigInteger Attempts(uint bits)
    {
        var exponent = (int)(bits >> 24);
        var mantissa = new BigInteger(bits & 0xffffff);
        var target = exponent >= 3 ? mantissa << (8 * (exponent - 3)) : mantissa >> (8 * (3 - exponent));
        return BigInteger.Pow(2, 256) / (target + 1);
    }

    private static string Hex(byte[] digest)
    {
        var reversed = (byte[])digest.Clone();
        Array.Reverse(reversed);
        return Convert.ToHexStringLower(reversed);
    }
}
