using Grainpool.P2Pool.Chain;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;
using Grainpool.P2Pool.Shares;
using Grainpool.P2Pool.Tests.Doubles;

namespace Grainpool.P2Pool.Tests.Chain;

/// <summary>Short ways to say in a test what shares a chain is given.</summary>
internal static class ChainSteps
{
    /// <summary>A share whose proof of work is the golden data's stub.</summary>
    public static CheckedShare Stubbed(NetworkParameters network, byte[] wire)
    {
        var result = new ShareCheck(network).Check(WrappedShare.Parse(wire), StubProofOfWork.Hash);
        return result.Share ?? throw new InvalidOperationException($"{result.Fault} {result.Detail}");
    }

    public static KnownShare SeenAt(this CheckedShare share, double seconds) => new(share, Time(seconds), null, Own: false, Dead: false);

    public static DateTimeOffset Time(double seconds) => DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Round(seconds * 1e6));

    public static ChainChange Add(this ShareChain chain, DateTimeOffset now, params IEnumerable<KnownShare> shares) => chain.Add([.. shares], now);

    public static Hash256? BestHash(this ShareChain chain) => chain.Best?.Share.Hash;
}
