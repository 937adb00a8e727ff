using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Addresses;

/// <summary>The output script that a hash and a version byte stand for in shares of versions 16 and 17. Consensus, defects included.</summary>
/// <remarks>
/// Spec: primitives 2.13. A witness program is written from the hex digits of a number, which has no leading zeros: an odd count of digits
/// cannot be written and the share is refused; leading zero bytes are lost, and the script pays nobody.
/// </remarks>
public static class KeyHashScript
{
    private const byte WitnessVersion = 0;
    private const int HexDigitsOfHash = 2 * KeyHash.Size;

    /// <summary>The script, or null when there is none and a share naming the payee is refused.</summary>
    public static ImmutableArray<byte>? Of(KeyHash payee, ParentChainParameters parent)
    {
        if (payee.Version == WitnessVersion) return WitnessScript(payee);
        return payee.Version == parent.ScriptHashVersion ? OutputScript.ScriptHash(payee.ToBytes()) : OutputScript.PublicKeyHash(payee.ToBytes());
    }

    /// <summary>The hash and version of an address; null when the text is no address that such a share can name.</summary>
    /// <remarks>
    /// Narrower than the legacy nodes: bech32 texts of another witness version, or of more than 20 bytes, are refused at once, where those nodes
    /// fail later. A program that its share would pay wrongly is not told apart here: see <see cref="Of"/>.
    /// </remarks>
    public static KeyHash? Parse(string address, ParentChainParameters parent)
    {
        Span<byte> payload = stackalloc byte[Base58.PayloadSize];
        if (Base58.Decode(address, payload) == Base58.Outcome.Decoded)
            return payload[0] == parent.PublicKeyHashVersion || payload[0] == parent.ScriptHashVersion ? KeyHash.Of(payload[1..], payload[0]) : null;

        if (Bech32.Decode(address, out var witness) != Bech32.Outcome.Decoded
            || witness is not { Version: 0, Modified: false, Program.Length: KeyHash.Size }
            || witness.Prefix != parent.Bech32Prefix)
            return null;
        Span<byte> reversed = [.. witness.Program];
        reversed.Reverse();
        return KeyHash.Of(reversed, WitnessVersion);
    }

    private static ImmutableArray<byte>? WitnessScript(KeyHash payee)
    {
        var digits = Math.Max(1, (payee.Number.BitLength + 3) / 4);
        if (digits % 2 != 0) return null;
        var bytes = payee.ToBytes();
        Array.Reverse(bytes);
        return [0, KeyHash.Size, .. bytes[((HexDigitsOfHash - digits) / 2)..]];
    }
}
