using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Addresses;

/// <summary>Why a text is not accepted as a miner's payout address.</summary>
public enum PayeeRefusal
{
    /// <summary>Nothing was given.</summary>
    Empty,

    /// <summary>Neither base58 nor bech32.</summary>
    NotAnAddress,

    /// <summary>A mistyped or cut address.</summary>
    BadChecksum,

    /// <summary>An address of another coin or network.</summary>
    OtherNetwork,

    /// <summary>A taproot address (bech32m), which share version 35 cannot name.</summary>
    Taproot,

    /// <summary>A witness program that this share version pays to a script nobody can spend.</summary>
    Unspendable,
}

/// <summary>Whether a miner may be paid to an address: narrower than what shares may name, so that nobody mines into the void. Local policy.</summary>
/// <param name="Refusal">Why not; null when it is accepted.</param>
/// <param name="Explanation">A sentence for the miner saying what is wrong and what to do; empty when accepted.</param>
public sealed record PayeeAddress(PayeeRefusal? Refusal, string Explanation)
{
    private const int KeyHashSize = 20;
    private static readonly PayeeAddress Accepted = new(null, "");

    /// <summary>Whether it is accepted. The text is then to be used exactly as written: two spellings are two payees.</summary>
    public bool IsAccepted => Refusal is null;

    /// <summary>Judges an address text.</summary>
    public static PayeeAddress Judge(string text, ParentChainParameters parent)
    {
        if (text.Length == 0) return new(PayeeRefusal.Empty, $"No payout address was given: use a {parent.Symbol} address as the user name.");

        Span<byte> payload = stackalloc byte[Base58.PayloadSize];
        switch (Base58.Decode(text, payload))
        {
            case Base58.Outcome.Decoded when payload[0] == parent.PublicKeyHashVersion || payload[0] == parent.ScriptHashVersion:
                return Accepted;
            case Base58.Outcome.Decoded:
                return new(PayeeRefusal.OtherNetwork, $"'{text}' is an address of another coin or network: use a {parent.Symbol} address.");
            case Base58.Outcome.BadChecksum:
                return Mistyped(text);
        }

        return Bech32.Decode(text, out var witness) switch
        {
            Bech32.Outcome.Decoded => Judge(text, witness!, parent),
            Bech32.Outcome.BadChecksum => Mistyped(text),
            _ => new(PayeeRefusal.NotAnAddress, $"'{Shown(text)}' is not an address: use a {parent.Symbol} address as the user name."),
        };
    }

    private static PayeeAddress Judge(string text, WitnessAddress witness, ParentChainParameters parent)
    {
        if (witness.Prefix != parent.Bech32Prefix)
            return new(PayeeRefusal.OtherNetwork, $"'{text}' is an address of another coin or network: here they begin with {parent.Bech32Prefix}1.");
        if (witness.Modified)
        {
            return new(PayeeRefusal.Taproot,
                $"'{text}' is a taproot address, which this pool network cannot pay: use one that begins with {parent.Bech32Prefix}1q.");
        }
        if (witness.Version != 0 || (witness.Program.Length != KeyHashSize && witness.Program[0] < 0x10))
            return new(PayeeRefusal.Unspendable, $"'{text}' cannot be paid on this pool network, the coins would be lost: use another address.");
        return Accepted;
    }

    private static PayeeAddress Mistyped(string text) =>
        new(PayeeRefusal.BadChecksum, $"'{Shown(text)}' is mistyped or cut off, its checksum does not match: copy the address again.");

    // The text came from outside and may end up in a log or on a page.
    private static string Shown(string text) =>
        string.Concat(text.Take(100).Select(character => character is >= ' ' and <= '~' ? character : '?'));
}
