using Grainpool.P2Pool.Primitives;
using Grainpool.Verthash;

namespace Grainpool.Gateway.Tests.Doubles;

/// <summary>An ordinary hash in place of Verthash: needs no table.</summary>
internal sealed class OrdinaryHash : IVerthash
{
    public void Hash(ReadOnlySpan<byte> header, Span<byte> hash) => TestWork.Hash(header, hash);

    public void HashMany(ReadOnlySpan<byte> headers, Span<byte> hashes)
    {
        for (var at = 0; at * VerthashHasher.HeaderLength < headers.Length; at++)
        {
            Hash(
                headers.Slice(at * VerthashHasher.HeaderLength, VerthashHasher.HeaderLength),
                hashes.Slice(at * Hash256.Size, Hash256.Size));
        }
    }
}
