using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Grainpool.P2Pool.Parent;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.Devnet.Mining;

/// <summary>Work from a pool: the nine fields of <c>mining.notify</c> with what was agreed about the extranonce and the difficulty.</summary>
/// <param name="Id">The pool's name of it.</param>
/// <param name="PreviousBlock">Tip the block builds on.</param>
/// <param name="CoinbaseStart">Coinbase before the extranonces.</param>
/// <param name="CoinbaseEnd">Coinbase after them.</param>
/// <param name="Branch">Hashes from the coinbase up to the root.</param>
/// <param name="Version">Header version.</param>
/// <param name="Bits">Header bits.</param>
/// <param name="Time">Header time, never changed by this miner.</param>
/// <param name="Clean">Whether older work is worthless.</param>
/// <param name="ExtraNonce1">The pool's part of the extranonce.</param>
/// <param name="ExtraNonce2Size">Bytes of the miner's part.</param>
/// <param name="Difficulty">Difficulty in the pool's scale.</param>
public sealed record MiningJob(
    string Id, Hash256 PreviousBlock, ImmutableArray<byte> CoinbaseStart, ImmutableArray<byte> CoinbaseEnd, ImmutableArray<Hash256> Branch,
    uint Version, CompactTarget Bits, uint Time, bool Clean, ImmutableArray<byte> ExtraNonce1, int ExtraNonce2Size, double Difficulty)
{
    private const int FieldCount = 8;

    /// <summary>The hash a share must not be above.</summary>
    public UInt256 Target { get; } = MinerTarget.OfDifficulty(Difficulty);

    /// <summary>Reads the parameters of <c>mining.notify</c>; false when they make no work.</summary>
    public static bool TryRead(
        JsonElement parameters, ImmutableArray<byte> extraNonce1, int extraNonce2Size, double difficulty, [NotNullWhen(true)] out MiningJob? job)
    {
        job = null;
        if (parameters.ValueKind != JsonValueKind.Array || parameters.GetArrayLength() < FieldCount) return false;
        try
        {
            var previous = Convert.FromHexString(Text(1));
            if (previous.Length != Hash256.Size) return false;
            // Each group of four bytes comes turned round.
            for (var i = 0; i < previous.Length; i += 4) previous.AsSpan(i, 4).Reverse();
            var branch = ImmutableArray.CreateBuilder<Hash256>();
            foreach (var entry in parameters[4].EnumerateArray())
            {
                var bytes = Convert.FromHexString(entry.GetString() ?? "");
                if (bytes.Length != Hash256.Size) return false;
                branch.Add(Hash256.FromBytes(bytes));
            }
            job = new MiningJob(
                Text(0), Hash256.FromBytes(previous), [.. Convert.FromHexString(Text(2))], [.. Convert.FromHexString(Text(3))], branch.ToImmutable(),
                Number(5), new CompactTarget(Number(6)), Number(7),
                parameters.GetArrayLength() > FieldCount && parameters[FieldCount].ValueKind == JsonValueKind.True,
                extraNonce1, extraNonce2Size, difficulty);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException or OverflowException)
        {
            return false;
        }

        string Text(int place) => parameters[place].GetString() ?? throw new FormatException("null");

        uint Number(int place) => uint.Parse(Text(place), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>Extranonce2 number n: counted little-endian, as all miners do.</summary>
    public byte[] ExtraNonce2(UInt128 number)
    {
        var bytes = new byte[ExtraNonce2Size];
        for (var i = 0; i < bytes.Length && i < 16; i++) bytes[i] = (byte)(number >> (8 * i));
        return bytes;
    }

    /// <summary>The 80 bytes to hash, with nonce 0.</summary>
    public byte[] Header(ReadOnlySpan<byte> extraNonce2)
    {
        byte[] coinbase = [.. CoinbaseStart, .. ExtraNonce1, .. extraNonce2, .. CoinbaseEnd];
        var root = Merkle.Apply(Sha256.Double(coinbase), Branch.AsSpan());
        return new BlockHeader(Version, PreviousBlock, root, Time, Bits, 0).ToBytes();
    }
}
