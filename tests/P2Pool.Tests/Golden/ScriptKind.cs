using System.Collections.Immutable;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>What the coin daemon calls a kind of output script.</summary>
internal static class ScriptKind
{
    public static string Of(ImmutableArray<byte> script) => script switch
    {
        [0x6a, ..] => "nulldata",
        [0x76, 0xa9, 20, .., 0x88, 0xac] when script.Length == 25 => "pubkeyhash",
        [0xa9, 20, .., 0x87] when script.Length == 23 => "scripthash",
        [0, 20, ..] when script.Length == 22 => "witness_v0_keyhash",
        [0, 32, ..] when script.Length == 34 => "witness_v0_scripthash",
        [0x51, 32, ..] when script.Length == 34 => "witness_v1_taproot",
        [>= 0x51 and <= 0x60, _, ..] when script[1] == script.Length - 2 => "witness_unknown",
        [65, .., 0xac] when script.Length == 67 => "pubkey",
        _ => "nonstandard",
    };
}
