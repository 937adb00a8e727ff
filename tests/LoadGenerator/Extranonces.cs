using System.Collections.Concurrent;

namespace Grainpool.LoadGenerator;

/// <summary>The first halves of the extranonce in use: two live connections with one would do the same work.</summary>
internal sealed class Extranonces
{
    private readonly ConcurrentDictionary<string, byte> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes note of one.</summary>
    /// <returns>False when another live connection has it. An empty one is nobody's: then the coinbases differ.</returns>
    public bool Take(byte[] extranonce1) => extranonce1.Length == 0 || _taken.TryAdd(Convert.ToHexStringLower(extranonce1), 0);

    /// <summary>Its connection has ended.</summary>
    public void Free(byte[] extranonce1) => _taken.TryRemove(Convert.ToHexStringLower(extranonce1), out _);
}
