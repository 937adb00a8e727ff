using Grainpool.P2Pool.Primitives;

namespace Grainpool.P2Pool.Addresses;

/// <summary>Base58 with a four-byte checksum, for payloads of 21 bytes: a version and a 20-byte hash.</summary>
internal static class Base58
{
    /// <summary>Bytes of version and hash, without the checksum.</summary>
    public const int PayloadSize = 21;

    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int ChecksumSize = 4;
    private const int Size = PayloadSize + ChecksumSize;
    private const int MaximumLength = 64;

    /// <summary>Why a text was not read.</summary>
    public enum Outcome
    {
        /// <summary>It was read.</summary>
        Decoded,

        /// <summary>It has other characters or another length.</summary>
        NotBase58,

        /// <summary>Form and length are right, the checksum is not.</summary>
        BadChecksum,
    }

    /// <summary>Reads version and hash.</summary>
    /// <param name="text">The address.</param>
    /// <param name="payload">Takes 21 bytes; meaningless unless decoded.</param>
    public static Outcome Decode(string text, Span<byte> payload)
    {
        if (text.Length > MaximumLength) return Outcome.NotBase58;
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        foreach (var character in text)
        {
            var carry = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (carry < 0) return Outcome.NotBase58;
            for (var i = Size - 1; i >= 0; i--)
            {
                carry += 58 * bytes[i];
                bytes[i] = (byte)carry;
                carry >>= 8;
            }
            if (carry != 0) return Outcome.NotBase58;
        }

        // Each leading 1 is a leading zero byte, and there are no others.
        var ones = text.Length - text.AsSpan().TrimStart('1').Length;
        var zeros = bytes.IndexOfAnyExcept((byte)0);
        if (ones != zeros) return Outcome.NotBase58;

        Span<byte> checksum = stackalloc byte[Hash256.Size];
        Sha256.Double(bytes[..PayloadSize]).CopyTo(checksum);
        if (!checksum[..ChecksumSize].SequenceEqual(bytes[PayloadSize..])) return Outcome.BadChecksum;
        bytes[..PayloadSize].CopyTo(payload);
        return Outcome.Decoded;
    }

    /// <summary>The address text of version and hash.</summary>
    public static string Encode(byte version, ReadOnlySpan<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = version;
        hash.CopyTo(bytes[1..PayloadSize]);
        Span<byte> checksum = stackalloc byte[Hash256.Size];
        Sha256.Double(bytes[..PayloadSize]).CopyTo(checksum);
        checksum[..ChecksumSize].CopyTo(bytes[PayloadSize..]);

        var zeros = bytes.IndexOfAnyExcept((byte)0);
        var number = new System.Numerics.BigInteger(bytes, isUnsigned: true, isBigEndian: true);
        var text = new Stack<char>();
        for (; !number.IsZero; number /= 58) text.Push(Alphabet[(int)(number % 58)]);
        for (var i = 0; i < zeros; i++) text.Push('1');
        return new string([.. text]);
    }
}
