using System.Collections.Immutable;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Golden;

/// <summary>The shares of v35-chain, checked.</summary>
internal static class ReferenceChain
{
    public static ImmutableArray<CheckedShare> Shares { get; } = Load();

    /// <summary>A chain that holds all of them.</summary>
    public static SlowChain Chain()
    {
        var chain = new SlowChain(KnownNetworks.Vertcoin);
        foreach (var share in Shares) chain.Add(share);
        return chain;
    }

    private static ImmutableArray<CheckedShare> Load()
    {
        var check = new ShareCheck(KnownNetworks.Vertcoin);
        using var json = Vectors.Json("v35-chain.json");
        return
        [
            .. json.RootElement.GetProperty("shares").EnumerateArray().Select(record =>
            {
                var result = check.Check(WrappedShare.Parse(record.Hex("wire_share_hex")), StubProofOfWork.Hash);
                return result.Share ?? throw new InvalidOperationException($"share {record.GetProperty("index")}: {result.Fault} {result.Detail}");
            }),
        ];
    }
}
