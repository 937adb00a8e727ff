using System.Security.Cryptography;
using System.Text;
using Grainpool.P2Pool.Networks;
using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Peers;

/// <summary>A message between nodes as it travels. Spec: framing.</summary>
/// <remarks>prefix (8) · command (12) · payload length (4) · first 4 bytes of the payload's double SHA-256 · payload.</remarks>
public static class PeerFrame
{
    /// <summary>Bytes of the prefix that opens every frame of a network.</summary>
    public const int PrefixSize = 8;

    /// <summary>Bytes before the payload.</summary>
    public const int HeaderSize = PrefixSize + PeerCommands.NameSize + 4 + ChecksumSize;

    internal const int ChecksumSize = 4;

    /// <summary>The frame of a message.</summary>
    /// <exception cref="ArgumentException">The payload is larger than a frame may carry; lists must be split before.</exception>
    public static byte[] Write(NetworkParameters network, PeerMessage message)
    {
        var payload = message.ToPayload();
        if (payload.Length > network.LargestPayload) throw new ArgumentException($"a payload of {payload.Length} bytes fits no frame", nameof(message));
        Span<byte> name = stackalloc byte[PeerCommands.NameSize];
        name.Clear();
        Encoding.ASCII.GetBytes(message.Command.Name(), name);
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        Checksum(payload, checksum);
        return new ByteWriter(HeaderSize + payload.Length)
            .Bytes(network.Prefix.AsSpan()).Bytes(name).UInt32((uint)payload.Length).Bytes(checksum[..ChecksumSize]).Bytes(payload)
            .ToArray();
    }

    internal static void Checksum(ReadOnlySpan<byte> payload, Span<byte> hash)
    {
        SHA256.HashData(payload, hash);
        SHA256.HashData(hash, hash);
    }
}
