using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grainpool.P2Pool.Addresses;
using Grainpool.P2Pool.Networks;

namespace Grainpool.Local;

/// <summary>Who mines on the simulated coin.</summary>
internal static class DevnetMiners
{
    /// <summary>Payout addresses, the same at every start; nobody has their keys, and their coins are worth nothing.</summary>
    /// <param name="count">How many.</param>
    /// <param name="first">Number of the first: the pools of one coin have different miners.</param>
    public static ImmutableArray<string> Addresses(int count, int first = 1) => [.. Enumerable.Range(first, count).Select(Address)];

    private static string Address(int number)
    {
        var seed = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Grainpool devnet miner {number}"));
        return ScriptAddress.Of([0, 20, .. SHA256.HashData(seed).AsSpan(0, 20)], KnownNetworks.Devnet)!;
    }
}
