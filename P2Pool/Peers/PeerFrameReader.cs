using System.Buffers.Binary;
using System.Security.Cryptography;
using Grainpool.P2Pool.Networks;

namespace Grainpool.P2Pool.Peers;

/// <summary>What <see cref="PeerFrameReader"/> found.</summary>
public enum FrameFinding
{
    /// <summary>Nothing whole yet: give it more bytes.</summary>
    NeedMore,

    /// <summary>A whole payload of a known command.</summary>
    Message,

    /// <summary>A whole message of a command nobody knows; ignore it.</summary>
    UnknownCommand,

    /// <summary>A payload that is not what its checksum says: end the connection and ban the sender.</summary>
    WrongChecksum,
}

/// <summary>Finds the frames in what a node sends, however it comes in pieces.</summary>
/// <remarks>
/// Bytes before a prefix are skipped in silence, and so is a header that announces too long a payload: what follows its length is searched for
/// the next prefix. It keeps nothing: the caller keeps what was not consumed, at most a header and <see cref="NetworkParameters.LargestPayload"/> bytes.
/// </remarks>
public sealed class PeerFrameReader(NetworkParameters network)
{
    private const int LengthEnd = PeerFrame.HeaderSize - PeerFrame.ChecksumSize;

    private readonly byte[] _prefix = [.. network.Prefix];

    /// <summary>Looks for the next frame.</summary>
    /// <param name="bytes">What came and is not consumed yet.</param>
    /// <param name="consumed">Bytes that need not be shown again.</param>
    /// <param name="command">The command, with <see cref="FrameFinding.Message"/>.</param>
    /// <param name="payload">Its payload, within <paramref name="bytes"/>.</param>
    /// <param name="wanted">With <see cref="FrameFinding.NeedMore"/>: how many bytes the part not consumed must have for anything to be found.</param>
    public FrameFinding Read(
        ReadOnlySpan<byte> bytes, out int consumed, out PeerCommand command, out ReadOnlySpan<byte> payload, out int wanted)
    {
        (consumed, command, wanted) = (0, default, 0);
        payload = default;
        while (true)
        {
            var rest = bytes[consumed..];
            var start = rest.IndexOf(_prefix);
            if (start < 0)
            {
                // The end may be the beginning of a prefix.
                consumed += Math.Max(0, rest.Length - (_prefix.Length - 1));
                wanted = _prefix.Length;
                return FrameFinding.NeedMore;
            }

            consumed += start;
            rest = rest[start..];
            wanted = LengthEnd;
            if (rest.Length < LengthEnd) return FrameFinding.NeedMore;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[(LengthEnd - sizeof(uint))..]);
            if (length > network.LargestPayload)
            {
                consumed += LengthEnd;
                continue;
            }

            wanted = PeerFrame.HeaderSize + (int)length;
            if (rest.Length < wanted) return FrameFinding.NeedMore;
            consumed += wanted;
            return Take(rest[..wanted], out command, out payload);
        }
    }

    private static FrameFinding Take(ReadOnlySpan<byte> frame, out PeerCommand command, out ReadOnlySpan<byte> payload)
    {
        command = default;
        payload = frame[PeerFrame.HeaderSize..];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        PeerFrame.Checksum(payload, hash);
        if (!hash[..PeerFrame.ChecksumSize].SequenceEqual(frame[LengthEnd..PeerFrame.HeaderSize])) return FrameFinding.WrongChecksum;
        if (PeerCommands.Find(frame.Slice(PeerFrame.PrefixSize, PeerCommands.NameSize)) is not { } known) return FrameFinding.UnknownCommand;
        command = known;
        return FrameFinding.Message;
    }
}
