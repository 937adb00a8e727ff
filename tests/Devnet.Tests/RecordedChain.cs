using System.Collections.Immutable;
using Grainpool.Devnet.Chain;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;

namespace Grainpool.Devnet.Tests;

/// <summary>Sets a simulated chain up where a recorded one stood, so that recorded blocks meet what they met then.</summary>
/// <remarks>
/// The last block before the recording is taken as a first block under its recorded name. The coins that recorded transactions spend are made
/// up with the amounts that give each its recorded fee. Everything else is judged.
/// </remarks>
internal static class RecordedChain
{
    public static ChainStart Start(Hash256 tip, int height, ImmutableArray<uint> times, IEnumerable<KeyValuePair<OutPoint, Coin>> coins)
    {
        var header = new BlockHeader(0x20000000, Hash256.Zero, Hash256.Zero, times[0], FixedDifficulty.Regtest, 0);
        return new ChainStart(tip, new Block(header, []), height, (UInt256)(2UL * (ulong)(height + 1)), times[1..], coins.ToImmutableDictionary());
    }

    /// <summary>Coins for these transactions, in the order of a block, that are not made by one of them; the whole fee sits in a transaction's first such coin.</summary>
    public static IEnumerable<KeyValuePair<OutPoint, Coin>> CoinsFor(IReadOnlyList<(Transaction Transaction, long Fee)> spenders)
    {
        var made = spenders
            .SelectMany(spender => spender.Transaction.Outputs.Select((output, i) => (Point: new OutPoint(spender.Transaction.Id(), (uint)i), Value: (long)output.Value)))
            .DistinctBy(output => output.Point)
            .ToDictionary(output => output.Point, output => output.Value);
        var given = new HashSet<OutPoint>();
        foreach (var (transaction, fee) in spenders)
        {
            var missing = transaction.Inputs.Select(input => input.Previous).Where(point => !made.ContainsKey(point)).ToList();
            var rest = transaction.Outputs.Sum(output => (long)output.Value) + fee
                - transaction.Inputs.Select(input => made.GetValueOrDefault(input.Previous)).Sum();
            for (var i = 0; i < missing.Count; i++)
            {
                if (!given.Add(missing[i])) continue;
                // An old coin of a wallet's own, not ripening any more.
                yield return new(missing[i], new Coin(i == 0 ? rest : 0, [0x51], 1, IsCoinbase: false));
            }
        }
    }

    /// <summary>A proof of work that fails exactly these headers. Recorded headers carry real Verthash of the full data file, which tests do without.</summary>
    public static ProofOfWork FailingOnly(params Hash256[] headers) => (header, hash) =>
        hash.Fill(headers.Contains(Sha256.Double(header)) ? (byte)0xff : (byte)0x00);
}
