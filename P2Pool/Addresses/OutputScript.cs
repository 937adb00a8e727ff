using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Addresses;

/// <summary>The output script a payee's address text stands for in a share. Consensus, defects included.</summary>
/// <remarks>
/// Spec: share, "address to script". The witness version is ignored; a program is read as a big-endian number and written back with at least
/// 40 hex digits, so long programs lose leading zero bytes and one with an odd count of digits is refused; bech32m is not understood.
/// What a miner should be allowed to name is a narrower set: see <see cref="PayeeAddress"/>.
/// </remarks>
public static class OutputScript
{
    private const int HashSize = 20;

    /// <summary>The script, or null when the text stands for none and a share naming it is refused.</summary>
    public static ImmutableArray<byte>? Of(string address, ParentChainParameters parent)
    {
        Span<byte> payload = stackalloc byte[Base58.PayloadSize];
        if (Base58.Decode(address, payload) == Base58.Outcome.Decoded)
        {
            var hash = payload[1..];
            if (payload[0] == parent.PublicKeyHashVersion) return PublicKeyHash(hash);
            return payload[0] == parent.ScriptHashVersion ? ScriptHash(hash) : null;
        }

        return Bech32.Decode(address, out var witness) == Bech32.Outcome.Decoded && !witness!.Modified && witness.Prefix == parent.Bech32Prefix
            ? LegacyWitnessScript(witness.Program)
            : null;
    }

    /// <summary>Pays a key hash.</summary>
    public static ImmutableArray<byte> PublicKeyHash(ReadOnlySpan<byte> hash) => [0x76, 0xa9, HashSize, .. hash, 0x88, 0xac];

    /// <summary>Pays a script hash.</summary>
    public static ImmutableArray<byte> ScriptHash(ReadOnlySpan<byte> hash) => [0xa9, HashSize, .. hash, 0x87];

    private static ImmutableArray<byte>? LegacyWitnessScript(ReadOnlySpan<byte> program)
    {
        var first = program.IndexOfAnyExcept((byte)0);
        var number = first < 0 ? [] : program[first..];
        if (number.Length <= HashSize)
        {
            Span<byte> padded = stackalloc byte[HashSize];
            padded.Clear();
            number.CopyTo(padded[(HashSize - number.Length)..]);
            return [0, HashSize, .. padded];
        }
        // A leading zero nibble leaves an odd count of hex digits, which the legacy nodes cannot turn into bytes.
        return number[0] < 0x10 ? null : [0, (byte)number.Length, .. number];
    }
}
