using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Grainpool.Gateway.Connections;

/// <summary>What came of looking for a PROXY header.</summary>
internal enum ProxyOutcome
{
    /// <summary>A whole header.</summary>
    Header,

    /// <summary>Its end has not arrived.</summary>
    Incomplete,

    /// <summary>There is none, or it is broken.</summary>
    Wrong,
}

/// <summary>The PROXY protocol, versions 1 and 2: a proxy says in front of everything else who is at its other end (spec: HAProxy, PROXY protocol).</summary>
internal static class ProxyHeader
{
    private const int LongestText = 107;
    private const int FixedBytes = 16;
    private const int MostBytes = 2048;
    private const byte Local = 0x20;
    private const byte Proxied = 0x21;
    private const byte OverIPv4 = 0x11;
    private const byte OverIPv6 = 0x21;

    private static ReadOnlySpan<byte> TextStart => "PROXY "u8;

    private static ReadOnlySpan<byte> BinaryStart => [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

    /// <summary>Takes a header off the buffer.</summary>
    /// <param name="buffer">What has arrived; moved behind the header when there is one.</param>
    /// <param name="source">Who is at the other end; null when the proxy speaks for itself, or does not know.</param>
    public static ProxyOutcome Take(ref ReadOnlySequence<byte> buffer, out IPEndPoint? source)
    {
        source = null;
        Span<byte> bytes = stackalloc byte[MostBytes];
        bytes = bytes[..(int)Math.Min(buffer.Length, MostBytes)];
        buffer.Slice(0, bytes.Length).CopyTo(bytes);
        var outcome = IsStartOf(bytes, TextStart) ? TakeText(bytes, out var length, out source)
            : IsStartOf(bytes, BinaryStart) ? TakeBinary(bytes, out length, out source)
            : Nothing(out length);
        if (outcome == ProxyOutcome.Header) buffer = buffer.Slice(length);
        return outcome;
    }

    private static ProxyOutcome Nothing(out int length)
    {
        length = 0;
        return ProxyOutcome.Wrong;
    }

    private static bool IsStartOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> start) =>
        bytes[..Math.Min(bytes.Length, start.Length)].SequenceEqual(start[..Math.Min(bytes.Length, start.Length)]);

    private static ProxyOutcome TakeText(ReadOnlySpan<byte> bytes, out int length, out IPEndPoint? source)
    {
        source = null;
        var line = bytes[..Math.Min(bytes.Length, LongestText)];
        length = line.IndexOf("\r\n"u8) + 2;
        if (length < 2) return line.Length < LongestText ? ProxyOutcome.Incomplete : ProxyOutcome.Wrong;
        var words = Encoding.ASCII.GetString(line[..(length - 2)]).Split(' ');
        if (words[1] == "UNKNOWN") return ProxyOutcome.Header;
        if (words is not [_, "TCP4" or "TCP6", var address, _, var port, _]
            || !IPAddress.TryParse(address, out var parsed)
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return ProxyOutcome.Wrong;
        source = new IPEndPoint(parsed, number);
        return ProxyOutcome.Header;
    }

    private static ProxyOutcome TakeBinary(ReadOnlySpan<byte> bytes, out int length, out IPEndPoint? source)
    {
        (source, length) = (null, 0);
        if (bytes.Length < FixedBytes) return ProxyOutcome.Incomplete;
        length = FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (length > MostBytes || bytes[12] is not (Local or Proxied)) return ProxyOutcome.Wrong;
        if (bytes.Length < length) return ProxyOutcome.Incomplete;
        if (bytes[12] == Local) return ProxyOutcome.Header;
        var addresses = bytes[FixedBytes..length];
        switch (bytes[13])
        {
            case OverIPv4 when addresses.Length >= 12:
                source = new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..]));
                return ProxyOutcome.Header;
            case OverIPv6 when addresses.Length >= 36:
                source = new IPEndPoint(new IPAddress(addresses[..16]), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..]));
                return ProxyOutcome.Header;
            case OverIPv4 or OverIPv6:
                return ProxyOutcome.Wrong;
            // Another family: the proxy's own address has to do.
            default:
                return ProxyOutcome.Header;
        }
    }
}
