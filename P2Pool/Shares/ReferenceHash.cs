using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Shares;

/// <summary>What the last output of a coinbase commits to: the share it belongs to, and the network. Spec: ref hash.</summary>
public static class ReferenceHash
{
    private const int UsualSize = 500;

    /// <summary>Double SHA-256 of the network's identifier and the share info, led along the branch (normally empty).</summary>
    public static Hash256 Of(NetworkParameters network, ShareVersionRules version, ShareInfo info, ReadOnlySpan<Hash256> branch)
    {
        var writer = new ByteWriter(UsualSize);
        writer.Bytes(network.Identifier.AsSpan());
        info.Write(writer, version);
        return Merkle.Apply(Sha256.Double(writer.Written), branch);
    }
}
