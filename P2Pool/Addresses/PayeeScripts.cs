using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;

namespace Grainpool.P2Pool.Addresses;

/// <summary>Output scripts by payees' names, remembered: a payout window names the same few hundred payees in every share.</summary>
/// <remarks>
/// A name is what weights are kept by: an address text or, where shares name none, the script itself in hex. Answers never depend on what is
/// remembered. Safe for use from many threads.
/// </remarks>
/// <param name="parent">The coin whose addresses they are.</param>
/// <param name="form">How the network's shares name a payee.</param>
public sealed class PayeeScripts(ParentChainParameters parent, PayeeForm form = PayeeForm.Address)
{
    // Far above the 4000 payees of one coinbase; an attacker naming more only makes it slower.
    private const int Limit = 16_384;

    private readonly ConcurrentDictionary<string, ImmutableArray<byte>> _known = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<KeyHash, (string Name, ImmutableArray<byte> Script)> _knownHashes = [];

    /// <summary>The script, or null when the name stands for none (spec: address to script).</summary>
    public ImmutableArray<byte>? Find(string name)
    {
        if (_known.TryGetValue(name, out var known)) return known;
        if (ScriptOf(name) is not { } script) return null;
        if (_known.Count >= Limit) _known.Clear();
        _known[name] = script;
        return script;
    }

    /// <summary>Name and script of whom a share pays; null when it names nobody who can be.</summary>
    public (string Name, ImmutableArray<byte> Script)? Of(ShareInfo info)
    {
        if (form == PayeeForm.Address) return Find(info.Address) is { } found ? (info.Address, found) : null;
        if (_knownHashes.TryGetValue(info.KeyHash, out var known)) return known;
        if (KeyHashScript.Of(info.KeyHash, parent) is not { } script) return null;
        if (_knownHashes.Count >= Limit) _knownHashes.Clear();
        return _knownHashes[info.KeyHash] = (Convert.ToHexStringLower(script.AsSpan()), script);
    }

    private ImmutableArray<byte>? ScriptOf(string name)
    {
        if (form == PayeeForm.Address) return OutputScript.Of(name, parent);
        var script = new byte[name.Length / 2];
        return Convert.FromHexString(name, script, out _, out var written) == OperationStatus.Done && written > 0
            ? ImmutableCollectionsMarshal.AsImmutableArray(script)
            : null;
    }
}
