using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Addresses;

/// <summary>The address people know an output script by: the way back from <see cref="OutputScript"/>, for display.</summary>
public static class ScriptAddress
{
    /// <summary>The address; null for a script that has none (more than a key hash, a script hash or a version-0 witness program).</summary>
    /// <remarks>The network's donation script pays a bare key; it goes by the address that stands for it among the payees.</remarks>
    public static string? Of(ReadOnlySpan<byte> script, NetworkParameters network) => script switch
    {
        [0x76, 0xa9, 20, .. var rest] when rest is [.. var hash, 0x88, 0xac] && hash.Length == 20 => Base58.Encode(network.Parent.PublicKeyHashVersion, hash),
        [0xa9, 20, .. var hash, 0x87] when hash.Length == 20 => Base58.Encode(network.Parent.ScriptHashVersion, hash),
        [0, 20, .. var program] when program.Length == 20 => Bech32.Encode(network.Parent.Bech32Prefix, program),
        [0, 32, .. var program] when program.Length == 32 => Bech32.Encode(network.Parent.Bech32Prefix, program),
        _ => script.SequenceEqual(network.DonationScript.AsSpan()) ? network.DonationAddress : null,
    };
}
