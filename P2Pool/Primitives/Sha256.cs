using System.Security.Cryptography;

namespace Grainpool.P2Pool.Primitives;

/// <summary>The hashes that name things.</summary>
public static class Sha256
{
    /// <summary>SHA-256 applied twice: names blocks, shares and transactions.</summary>
    public static Hash256 Double(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(bytes, digest);
        SHA256.HashData(digest, digest);
        return Hash256.FromBytes(digest);
    }

    /// <summary>The node above two others in a merkle tree: double SHA-256 of left and right together.</summary>
    /// <remarks>So few bytes take our own implementation less time than the platform's, which must be called twice.</remarks>
    public static Hash256 Node(Hash256 left, Hash256 right)
    {
        Span<byte> both = stackalloc byte[64];
        left.CopyTo(both);
        right.CopyTo(both[32..]);
        Span<byte> digest = stackalloc byte[32];
        Sha256State.Initial.Finish(both, 64, digest);
        Sha256State.Initial.Finish(digest, 32, digest);
        return Hash256.FromBytes(digest);
    }
}
