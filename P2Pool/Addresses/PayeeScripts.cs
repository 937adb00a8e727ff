using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Addresses;

/// <summary>Output scripts by address text, remembered: a payout window names the same few hundred payees in every share.</summary>
/// <remarks>Answers never depend on what is remembered. Safe for use from many threads.</remarks>
public sealed class PayeeScripts(ParentChainParameters parent)
{
    // Far above the 4000 payees of one coinbase; an attacker naming more only makes it slower.
    private const int Limit = 16_384;

    private readonly ConcurrentDictionary<string, ImmutableArray<byte>> _known = new(StringComparer.Ordinal);

    /// <summary>The script, or null when the text stands for none (spec: address to script).</summary>
    public ImmutableArray<byte>? Find(string address)
    {
        if (_known.TryGetValue(address, out var known)) return known;
        if (OutputScript.Of(address, parent) is not { } script) return null;
        if (_known.Count >= Limit) _known.Clear();
        _known[address] = script;
        return script;
    }
}
